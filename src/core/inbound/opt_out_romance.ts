/** Ways to ask for an end of messages in one language; `opt_out_phrases.ts` has the notation. */
export type OptOutPhrases = {
  /** Requests to remove. A negation beside one turns it around. */
  remove: string;
  /** Refusals of further messages, with their own negation. */
  cease: string;
  /** Requests only as a whole sentence. */
  alone: string;
  /** Openings of a polite request in the form of a question. */
  request: string;
};

export const ROMANCE: readonly OptOutPhrases[] = [
  // French
  {
    remove: `
      (exerce|exercons) ~ droit (d|a|au) ~ (opposition|effacement|oubli|retrait)
      (cesser|cessez|arreter|arretez) ~ (relances|relance|sollicitations|prospection|spams)
      (arretez|cessez|arreter|cesser|veuillez cesser) ~ (mails|mail|emails|ecrire|envoyer|messages|contacter|envois|envoi|spam|spammer|harceler|courriels|importuner)
      (desinscrivez|desinscrire|desabonnez|desabonner|desinscris|desabonne|retirez|radiez|rayez|supprimez|effacez|enlevez|otez) ~ (moi|nous)
      (me|nous) (desinscrire|desabonner|retirer|rayer|radier|enlever|supprimer|desinscrivez|desabonnez)
      (retirer|supprimer|effacer|enlever|retirez|supprimez|effacez|enlevez|rayez|otez) ~ (mon|mes|notre|nos|cette) ~ (adresse|donnees|coordonnees|email|nom|societe|contact|fichier|base)
      (retirer|retirez|supprimer|supprimez) ~ (de (votre|vos|la|cette) (liste|listes|base|fichier))
      (supprimez|effacez) (la|le|les) (et|svp|merci|immediatement)
      (souhaite|veux|voudrais|desire) me (desinscrire|desabonner|retirer)
      (demande|exige|requiers) ~ (effacement|suppression|desinscription|retrait|radiation)`,
    cease: `
      (refuse|refusons) ~ (sollicitation|sollicitations|prospection|demarchage|publicite)
      (ne|n) ~ (plus|pas) etre (utilise*|conserve*|traite*)
      ne (pas|plus|jamais) (me|nous) (relancer|recontacter|contacter|solliciter|ecrire)
      (ne|n) ~ (pas|plus) etre (recontacte*|contacte*|sollicite*|relance*)
      ne plus (m |me |nous )?(adresser|envoyer|transmettre|faire parvenir)
      (ne|n) ~ (plus|jamais) ~ (recevoir|contacter|ecrire|envoyer|solliciter|etre contacte*|etre sollicite*|ecrivez|contactez|envoyez|sollicitez|recontacter|relancer|deranger)
      (ne|n) (m |me |nous )?(ecrivez|contactez|recontactez|envoyez|sollicitez|derangez|importunez|relancez) (plus|jamais|pas)
      (ne|n) (souhaite|souhaitons|veux|voulons|desire|desirons) (plus|pas) ~ (recevoir|etre|vos|de vos)
      (plus|plus aucun|plus jamais|pas) (de |d |aucun )?(mails|mail|emails|email|messages|message|courriels|pub|publicite) ~ (merci|svp|de votre part)?
      (stop|stoppez) (aux? |les |vos |la )?(emails|mails|mail|email|messages|pub|publicite|spam|courriels)
      (fichez|foutez|laissez) (moi|nous) (la paix|tranquille*)
      (oppose|opposons|refuse|refusons) ~ (utilisation|traitement|prospection|demarchage|reception|envoi|recevoir)`,
    alone: `(desinscription|cesser|cessez|cesser svp|arreter|merci d arreter|(?:veuillez|merci de|priere de) (?:cesser|arreter)(?: cela| ca| tout)?|n insistez (?:pas|plus)|desinscrire|me desinscrire|desabonnement|se desabonner|desabonner|stop|arretez|retirez moi|stop pub|plus de mails|stop mail|desinscription svp)`,
    request: `(pouvez|pourriez|voulez|voudriez) vous`,
  },
  // Spanish
  {
    remove: `
      (cancelen|cancele|cancelar|cancela) (mi|la|nuestra) (suscripcion|subscripcion|inscripcion)
      (solicito|pido|deseo|quiero|exijo) ser (eliminad*|borrad*|retirad*|dado de baja|quitad*)
      (dejen|deje|dejad|paren|pare|cesen) de ~ (enviar*|escribir*|mandar*|molestar*|contactar*)
      (dar|darme|darnos|deme|denme|dennos|den|dadme|da|dame) (me )?de (baja|vaja)
      (quiero|solicito|deseo|pido|tramiten|ruego) ~ (la )?(baja|supresion|eliminacion|cancelacion)
      (me|nos) den de baja
      (elimin*|borr*|quit*|retir*|saquen|saque|sacar|suprim*|remuev*|remover) ~ (me|nos|mi|mis|nuestra|nuestro|nuestros) ~ (lista|direccion|correo|datos|base|empresa|contacto|email)
      (eliminenme|elimineme|eliminarme|borrenme|borreme|borrarme|quitenme|quiteme|quitarme|saquenme|saqueme|saquennos|sacarme|retirenme|retireme|eliminennos|borrennos|quitennos|remuevanme|borrenla|eliminenla)
      (borrar|borren|borre|eliminar|eliminen|elimine) (mis|mi|nuestros|nuestra) (datos|direccion|correo|email)
      (me|nos) (borr*|elimin*|quit*|saqu*|retir*) ~ (de|del) (su|la|esta|vuestra|sus) (~ )?(lista|listas|base|listado|correo)
      cancelar (la |mi )?(suscripcion|subscripcion)
      (solicito|exijo|pido) ~ (supresion|borrado|eliminacion)`,
    cease: `
      no (me|nos) (escriban|escriba|contacten|contacte|molesten|moleste) (mas|nunca|otra|de nuevo|nada)
      no (me|nos) (escriban|escriba|contacten|contacte|molesten|moleste) $
      no (me|nos) (envien|envie|manden|mande|enviaran|enviasen) (~ )?(mas|nada|correos|mensajes|publicidad|emails|ofertas)
      no (enviar|envien|mandar|manden|escribir) (me |nos )?(mas|nada)
      no (quiero|queremos|deseo|deseamos) ~ (recibir|envien|escriban|contacten|manden|correos|publicidad|mensajes)
      no (me |nos )?(vuelvan|vuelva) a (escribir*|contactar*|enviar*|mandar*|molestar*)
      (ya )?no (quiero|queremos|deseo|deseamos) ~ (recibir|correos|mensajes|saber|publicidad|emails)
      (basta|basta ya|no mas|ningun|ya no mas) (de )?(correos|mensajes|emails|mails|publicidad|correo)
      (dejenme|dejeme|dejennos) (en paz|tranquilo|tranquila)
      (agradeceria|ruego) que no (me|nos) (enviaran|envien|escriban|contacten|escribieran|contactaran) ~
      (me opongo|nos oponemos) (a|al) ~ (tratamiento|uso|publicidad|envio|recibir|recepcion)
      (ejerzo|ejercemos) (mi|nuestro) derecho (de|a)
      ultima vez que (me|nos) (escriben|escribe|contactan)
      no me manden nada`,
    alone: `(desuscribirme|no insist[^ ]+(?: mas)?|(?:ya )?no mas|desuscribir|desuscripcion|desuscribanme|darse de baja|baja|baja ya|dar de baja|darme de baja|cancelar suscripcion|cancelar|basta|eliminar|no mas correos|quitenme|saquenme|dar de baja x favor|baja por favor)`,
    request: `(me |nos )?(puede|pueden|podria|podrian|puedes|podeis|podriais)`,
  },
  // Italian
  {
    remove: `
      (esercito|esercitiamo) ~ diritto (di|alla|all) ~ (opposizione|cancellazione|oblio)
      (smettete|smetta|smettetela|smettila|finitela|cessate|piantatela) ~ (inviar*|scriver*|mandar*|contattar*|mail|email|messaggi|disturbar*)
      (cancella|cancellate|cancelli|rimuov*|togli|togliete|tolga|elimin*|disiscriv*) ~ (mi|ci|il mio|la mia|i miei|il nostro|la nostra|i nostri) ~ (indirizzo|contatto|dati|email|lista|nominativo|database|mailing)
      (cancellatemi|cancellami|cancellarmi|cancellateci|cancellatelo|rimuovetemi|rimuoverci|rimuovermi|rimuoveteci|toglietemi|toglietevi|toglieteci|togliermi|toglimi|eliminatemi|eliminami|eliminateci|disiscrivetemi|disiscrivermi|disiscrivimi|disiscriveteci|mi cancelli|mi rimuova|mi tolga|mi disiscriva|mi elimini)
      (cancellare|rimuovere|eliminare|togliere) (il mio|la mia|i miei|il nostro|la nostra|i nostri) ~ (indirizzo|contatto|dati|email|nominativo)
      (vorrei|voglio|desidero|chiedo di) essere (rimosso|rimossa|cancellato|cancellata|tolto|tolta|disiscritto|disiscritta|rimossi|cancellati)
      (chiedo|richiedo|esigo|chiediamo) la (cancellazione|rimozione|disiscrizione)
      annullare l iscrizione`,
    cease: `
      (non contattarmi|non scrivermi|non contattarci|non scriverci) (piu|ulteriormente|mai|oltre)
      non (vogliamo|voglio|desidero|desideriamo|intendo) ricevere (altre|altri|ulteriori|piu|queste|nessuna)
      (vorrei|desidero|gradirei|preferirei|prego di|chiedo di|vi chiedo di) non (ricevere|essere contattat*) (piu)?
      (vi )?diffido (dal|di|a non)
      non (inviare|mandare|spedire|scrivere) (piu|altre|altri|ulteriori)
      non (mi |ci |vi |desidero |desideriamo |voglio |vogliamo |intendo |intendiamo |scrivete|contattate|inviate|mandate)(~ )(piu|scrivetemi|contattatemi|ricevere|scriva|contatti|invii|scrivete|mail|email|messaggi)
      non (scrivetemi|contattatemi|inviatemi|mandatemi|scriveteci|contattateci|inviateci|mandateci|scrivermi|contattarmi|inviarmi|scriverci|mi scriva|mi contatti|mi scrivete|mi contattate) ~ (piu|altre|altri|nulla|niente|mai)
      non (desidero|desideriamo|voglio|vogliamo|intendo|intendiamo) (piu )?~ (ricevere|essere contattat*|essere ricontattat*|mail|email|comunicazioni|messaggi|pubblicita)
      basta (con )?(le |queste |con queste )?(mail|email|messaggi|pubblicita|comunicazioni|spam)
      (lasciatemi|lasciami|lasciateci|mi lasci) (in pace|stare)
      (mi oppongo|ci opponiamo) (al|alla|a) ~ (trattamento|uso|utilizzo|marketing|invio|ricezione)`,
    alone: `(cancellami|non insist[^ ]+(?: oltre| piu)?|(?:la )?smett(?:ete|a|etela)(?: subito)?|cancellatemi|cancella|cancellazione|cancellare|disiscrizione|disiscrivimi|disiscriviti|rimuovi|basta|stop|basta mail|toglietemi|annullare l iscrizione|disiscrivimi pf)`,
    request: `(mi |ci )?(puo|potete|potrebbe|potreste|puoi|potresti)`,
  },
  // Portuguese
  {
    remove: `
      (cancelem|cancele|cancelar) (a |o )?(minha|meu|nossa|nosso) (subscricao|inscricao|cadastro|assinatura)
      (cancelem|cancele|desejo cancelar|quero cancelar|gostaria de cancelar) (o |a )?(recebimento|envio|inscricao|subscricao)
      (exerco|exercemos) ~ direito (de|ao|a) ~ (oposicao|apagamento|esquecimento|eliminacao)
      (quero|desejo|gostaria de|queria) sair (da|desta|dessa|de) ~ (lista|mailing|base)
      deixar de receber ~ (emails|mensagens|mails|contactos|newsletters)
      (parem|pare|parar|deixem|deixe|cessem) de ~ (enviar|mandar|escrever|contactar|incomodar|contatar|enviarem)
      (remov*|retir*|tir*|exclu*|elimin*|apag*|descadastr*) (~ )?(me|nos) (da|do|de|daqui|imediatamente|por favor|dessa|desta|ja|agora)
      (me|nos) (remova|remover|removam|retire|retirem|tire|tirem|exclua|excluam|descadastre|descadastra|descadastrem|apague|apaguem)
      (remova|removam|retirem|retire|tirem|tire) (me|nos)
      (remov*|retir*|exclu*|elimin*|apag*|delet*) (o |a |os |as )?(meu|minha|meus|minhas|nosso|nossa|nossos|nossas) (email|endereco|contato|contacto|dados|nome|empresa)
      (apaguem|removam|eliminem) (no|o|na)
      (quero|desejo|gostaria de|solicito|peco) ~ (cancelar a (inscricao|subscricao)|cancelamento da (inscricao|subscricao)|descadastr*|ser removid*|exclusao|remocao|apagamento|eliminacao)`,
    cease: `
      nao (quero|queremos|desejo|desejamos|pretendo) (mais )?ser (contact*|contat*|incomod*)
      nao entr* mais em (contato|contacto)
      nao (me |nos )?volt(e|em|es) a (me |nos )?(contactar|escrever|enviar|contatar|incomodar|ligar)
      nao (quero|queremos|desejo|desejamos|pretendo) (mais )?~ (receber|emails|mensagens|publicidade|contactos)
      nao (me|nos) (~ )?(escrev*|contact*|contat*|envi*|mand*|incomod*) (~ )?(mais|nada|novamente|outra vez)
      (favor|por favor|agradeco|agradeco que) nao (me |nos )?(enviar|enviem|voltem|contactar|escrever|mandar|contatar|escrevam|contactem) ~ (mais|mensagens|emails|novamente|contactar)
      nao voltem a (contactar|escrever|enviar|contatar) ~
      nao (enviem|enviarem|mandem|mandarem|escrevam|escreverem|contactem|contactarem|contatem) (me |nos )?mais
      (deixem|deixe) (me|nos) em paz
      (chega de|basta de|nenhum|sem mais|nao mais) (emails|mensagens|publicidade|email)
      nao quero mais (emails|mensagens|nada|receber)
      (oponho me|opomo nos|me oponho) (ao|a|aos) ~ (tratamento|uso|envio|marketing|rececao|publicidade)
      nada mais de (emails|mensagens)`,
    alone: `(remover|nao insist[^ ]+(?: mais)?|remova|descadastrar|cancelar inscricao|cancelar|parar|sair|chega|cancelar subscricao|pare|parem|(parem|pare|para) com (isso|isto)|remover ja)`,
    request: `(pode|podem|poderia|poderiam|podes|podias)`,
  },
];

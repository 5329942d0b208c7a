/**
 * Ways to ask for an end of messages, by language. Folded words (`plainWords`): `~` is up to three words, `*` any ending,
 * `(a|b)` a choice, `$` the end of a clause. One phrase a line.
 */

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

export const OPT_OUT_PHRASES: readonly OptOutPhrases[] = [
  // English
  {
    remove: `
      (unsubscribe|unsub) (me|us|this|my|our|immediately|please|now|from ~ (list|lists|emails|mailings|newsletter|all|everything))
      (please|pls|plz|kindly|want to|like to|wish to) (unsubscribe|unsub|opt out)
      (remove|delete|erase|strike|scrub|drop|purge|exclude|removing|deleting|excluding) (me|us|mine|both|this (email|address|contact)|these addresses)
      (remove|delete|erase|strike|scrub|drop|purge|removing|deleting) (my|our|both my|all my|all our) ~ (email|emails|address|addresses|name|names|details|data|information|info|contact|contacts|company|organization|domain|record|records|id|number)
      (remove|removing|take|taking|exclude) ~ (from|off) (this|your|the|all|any|these|future) ~ (list|lists|mailing|mailings|database|distribution|newsletter)
      (asked|like|want|wish|need|request) to be (removed|taken off|unsubscribed|deleted|excluded)
      (want|get me|let me) (off|out of) (this|your|the) ~ (list|lists|mailing|mailings)
      (remove|delete|erase) ~ (data|details|email|address|record|records|information) ~ (system|database|list|lists|files|crm)
      (take|get|keep) (me|us|my|our|this|both) (~ )off ~ (list|lists|mailings|database|distribution)
      (take|get|taking) (me|us) off $
      (take|taking) (me|us) off (this|your|the) ~ (list|lists|mailing|mailings|database)
      opt (me|us) out
      (opt out of|opting out of|opt out from) (this|all|these|your|any|future)
      (id like|i would like|i d like|i want|i wish|we want|we wish|we d like) to (opt out|unsubscribe|be removed|be taken off)
      lose my (email|address|number|email address)
      (request|demand|exercise|invoke|ask for) ~ (erasure|deletion|removal|right to be forgotten)
      (request|demand) that ~ (erase|delete|remove)`,
    cease: `
      (stop|cease|quit|refrain from) ~ (emailing|mailing|contacting|messaging|sending|spamming|writing|bothering|harassing|pestering)
      stop (this|these|the|your|all|with) ~ (emails|mails|messages|spam|mailings|communication)
      (cease|stop|end) (all )?(further |any )?(communication|communications|contact|correspondence|emails|messages|mailings)
      (do not|dont|never|please not) (ever )?(email|mail|contact|write|message|bother|spam|call or email|reach out) $
      (do not|dont|never) (ever )?(email|mail|contact|write|message|bother|spam|call or email|reach out|reach out to|write to) (me|us|again|anymore|any more|any further|this|here)
      (do not|dont|never) (ever )?send (me|us)? ?(any|anything|anymore|further|more|these|such|emails|this stuff)
      please stop $
      cease and desist
      (no|not any|without) (more|further|additional) (emails|email|mails|messages|mailings|contact|communication|communications|newsletters|of these)
      (do not|dont|no longer|not|never) (want|wish|care|like) (to )?(receive|get|hear from|be contacted|be emailed|any (more|further)|these|your (emails|mails|messages)|further)
      (do not|dont|no longer) want (these|those|them|your)
      prefer not to (receive|be contacted|get|hear)
      (appreciate|prefer) it if you (did not|didnt|would not|wouldnt|stopped|do not|dont) (contact*|writ*|email*|contacting|emailing|writing)
      leave (me|us) alone
      (object|objects|objecting) to (the |any )?(processing|use|marketing|direct marketing|receiving)
      (withdraw|revoke) ~ consent
      (do not|dont|never) (ever )?(contact|email|write to|message) (me|us)
      take (me|us) off this list`,
    alone: `(unsubscribe|unsub|stop|stop it|stop this|just stop|remove|remove me|remove us|opt out|opt me out|no emails|take me off|please stop|unsubscribe now|unsubscribe all|unsubscribe from all|go away|spam)`,
    request: `(please )?(can|could|would|will) you`,
  },
  // German
  {
    remove: `
      (melden|melde|meldet) (sie |du )?(mich|uns) ~ ab
      (mich|uns|adresse|email) ~ (abmelden|austragen|abzumelden|auszutragen|loschen|entfernen|streichen|zu loschen|zu entfernen|zu streichen|herauszunehmen|rausnehmen|herausnehmen)
      bitte ~ (abmelden|austragen|abbestellen|rausnehmen|umgehend loschen|sofort loschen)
      (newsletter|mailing|mails|emails) (bitte )?(abbestellen|abmelden|stornieren)
      (nehmen|nehmt|nimm) (sie )?(bitte )?(mich|uns|meine|unsere) ~ (raus|heraus|aus (dem|ihrem|eurem|der|ihrer|eurer|diesem)|von (der|ihrer|eurer|dieser))
      (nehmen|nehmt) (sie )?(mich|uns) (bitte )?(raus|heraus|aus)
      aus (dem|ihrem|eurem|ihrer|eurer|der) (verteiler|liste|mailingliste|verteilerliste|datenbank) (nehmen|streichen|loschen|entfernen|austragen)
      (tragen|trage|tragt) (sie )?(mich|uns) ~ aus
      (streichen|streicht|entfernen|entfernt|loschen|loscht|losche|sperren) (sie )?(bitte )?(umgehend |sofort )?(mich|uns)
      (streichen|streicht|entfernen|entfernt|loschen|loscht|losche|sperren) (sie )?(bitte )?(umgehend |sofort )?(meine|unsere|meinen|unseren|samtliche|alle|diese) ~ (daten|adresse|emailadresse|mailadresse|email|kontakt|person|kontaktdaten)
      (verlange|fordere|bitte um) ~ (loschung|entfernung|austragung|sperrung)`,
    cease: `
      (keine|keinerlei) (weiteren |weitere )?(mails|emails|werbung|nachrichten|newsletter|werbemails|zusendungen|post|kontaktaufnahme|mail|email) (mehr|erhalten|erwunscht|bekommen|wunschen)?
      (keine|keinen) (weiteren|weitere|weiterer) (mails|emails|nachrichten|zusendungen|newsletter|kontakt|werbung|kontaktaufnahme|anfragen|anschreiben)
      nie (wieder|mehr) ~ (mails|emails|mail|email|schreiben|anschreiben|kontaktieren|post|nachrichten)
      (schreiben|schreib|schreibt|kontaktieren|kontaktiert|belastigen|mailen|schicken|senden) (sie )?(mir|mich|uns) ~ (nicht mehr|nichts mehr|nie mehr|nie wieder|nicht weiter|nicht wieder|keine)
      nicht (mehr|weiter|wieder|langer) ~ (angeschrieben|anschreiben|anzuschreiben|kontaktieren|kontaktiert|zu kontaktieren|schreiben|zu schreiben|melden|belastigen|schicken|mailen|anmailen)
      (nichts|keine mails|keine emails) mehr ~ (schicken|senden|zu schicken|zu senden|bekommen|erhalten|haben)
      (horen|hort|hor) (sie )?(bitte )?(auf|damit auf) ~ (schreiben|mails|emails|nachrichten|kontaktieren|belastigen|schicken)
      (unterlassen|unterlasst) (sie )?~ (mails|emails|nachrichten|zusendungen|werbung|kontaktaufnahme|kontaktversuche)
      von ~ (mails|emails|nachrichten|zusendungen|anfragen|kontaktaufnahmen|werbung) (absehen|abzusehen|abstand nehmen)
      (sehen|seht) (sie )?(bitte )?von ~ (zusendungen|mails|emails|nachrichten|kontaktaufnahmen|anfragen) ab
      (lassen|lasst) (sie )?(mich|uns) (bitte )?in (ruhe|frieden)
      (verschonen|verschont) (sie )?(mich|uns)
      (widerspreche|widersprechen) (ich |wir )?(hiermit )?(der|jeder|einer) ~ (nutzung|verwendung|verarbeitung|speicherung|weiteren|datenverarbeitung)
      (will|mochte|wunsche|wollen|mochten|wunschen) ~ (keine|keinerlei|nichts) ~ (mails|emails|nachrichten|werbung|zusendungen|newsletter|mehr|kontaktaufnahme|informationen)`,
    alone: `(abmelden|abmeldung|austragen|bitte austragen|abbestellen|loschen|stopp|keine werbung|keine mails|nehmen sie mich raus|raus|kein spam)`,
    request: `(konnen|konnten|wurden|kannst|konntest|konnt) (sie|du|ihr)`,
  },
  // French
  {
    remove: `
      (desinscrivez|desinscrire|desabonnez|desabonner|desinscris|desabonne|retirez|radiez|rayez|supprimez|effacez|enlevez|otez) ~ (moi|nous)
      (me|nous) (desinscrire|desabonner|retirer|rayer|radier|enlever|supprimer|desinscrivez|desabonnez)
      (retirer|supprimer|effacer|enlever|retirez|supprimez|effacez|enlevez|rayez|otez) ~ (mon|mes|notre|nos|cette) ~ (adresse|donnees|coordonnees|email|nom|societe|contact|fichier|base)
      (retirer|retirez|supprimer|supprimez) ~ (de (votre|vos|la|cette) (liste|listes|base|fichier))
      (supprimez|effacez) (la|le|les) (et|svp|merci|immediatement)
      (souhaite|veux|voudrais|desire) me (desinscrire|desabonner|retirer)
      (demande|exige|requiers) ~ (effacement|suppression|desinscription|retrait|radiation)`,
    cease: `
      (ne|n) ~ (plus|jamais) ~ (recevoir|contacter|ecrire|envoyer|solliciter|etre contacte*|etre sollicite*|ecrivez|contactez|envoyez|sollicitez|recontacter|relancer|deranger)
      (ne|n) (m |me |nous )?(ecrivez|contactez|envoyez|sollicitez|derangez|importunez|relancez) (plus|jamais)
      (ne|n) (souhaite|souhaitons|veux|voulons|desire|desirons) (plus|pas) ~ (recevoir|etre|vos|de vos)
      (plus|plus aucun|plus jamais|pas) (de |d |aucun )?(mails|mail|emails|email|messages|message|courriels|pub|publicite) ~ (merci|svp|de votre part)?
      (arretez|cessez|arreter|cesser|veuillez cesser) ~ (mails|mail|emails|ecrire|envoyer|messages|contacter|envois|envoi|spam|spammer|harceler|courriels|importuner)
      (stop|stoppez) (aux? |les |vos |la )?(emails|mails|mail|email|messages|pub|publicite|spam|courriels)
      (fichez|foutez|laissez) (moi|nous) (la paix|tranquille*)
      (oppose|opposons|refuse|refusons) ~ (utilisation|traitement|prospection|demarchage|reception|envoi|recevoir)`,
    alone: `(desinscription|desinscrire|me desinscrire|desabonnement|se desabonner|desabonner|stop|arretez|retirez moi|stop pub|plus de mails|stop mail|desinscription svp)`,
    request: `(pouvez|pourriez|voulez|voudriez) vous`,
  },
  // Spanish
  {
    remove: `
      (dar|darme|darnos|deme|denme|dennos|den|dadme|da|dame) (me )?de (baja|vaja)
      (quiero|solicito|deseo|pido|tramiten|ruego) ~ (la )?(baja|supresion|eliminacion|cancelacion)
      (me|nos) den de baja
      (elimin*|borr*|quit*|retir*|saquen|saque|sacar|suprim*|remuev*|remover) ~ (me|nos|mi|mis|nuestra|nuestro|nuestros) ~ (lista|direccion|correo|datos|base|empresa|contacto|email)
      (eliminenme|elimineme|eliminarme|borrenme|borreme|borrarme|quitenme|quiteme|quitarme|saquenme|saqueme|saquennos|sacarme|retirenme|retireme|eliminennos|borrennos|quitennos|remuevanme|borrenla|eliminenla)
      (borrar|borren|borre|eliminar|eliminen|elimine) (mis|mi|nuestros|nuestra) (datos|direccion|correo|email)
      cancelar (la |mi )?(suscripcion|subscripcion)
      (solicito|exijo|pido) ~ (supresion|borrado|eliminacion)`,
    cease: `
      no (me|nos) (escriban|escriba|contacten|contacte|molesten|moleste) (mas|nunca|otra|de nuevo|nada)
      no (me|nos) (escriban|escriba|contacten|contacte|molesten|moleste) $
      no (me|nos) (envien|envie|manden|mande|enviaran|enviasen) (~ )?(mas|nada|correos|mensajes|publicidad|emails|ofertas)
      no (enviar|envien|mandar|manden|escribir) (me |nos )?(mas|nada)
      no (quiero|queremos|deseo|deseamos) ~ (recibir|envien|escriban|contacten|manden|correos|publicidad|mensajes)
      no (vuelvan|vuelva) a (escribir*|contactar*|enviar*|mandar*|molestar*)
      (me|nos) (borr*|elimin*|quit*|saqu*|retir*) ~ (de|del) (su|la|esta|vuestra|sus) (~ )?(lista|listas|base|listado|correo)
      (ya )?no (quiero|queremos|deseo|deseamos) ~ (recibir|correos|mensajes|saber|publicidad|emails)
      (dejen|deje|dejad|paren|pare|cesen) de ~ (enviar*|escribir*|mandar*|molestar*|contactar*)
      (basta|basta ya|no mas|ningun|ya no mas) (de )?(correos|mensajes|emails|mails|publicidad|correo)
      (dejenme|dejeme|dejennos) (en paz|tranquilo|tranquila)
      (agradeceria|ruego) que no (me|nos) (enviaran|envien|escriban|contacten|escribieran|contactaran) ~
      (me opongo|nos oponemos) (a|al) ~ (tratamiento|uso|publicidad|envio|recibir|recepcion)
      (ejerzo|ejercemos) (mi|nuestro) derecho (de|a)
      ultima vez que (me|nos) (escriben|escribe|contactan)
      no me manden nada`,
    alone: `(baja|baja ya|dar de baja|darme de baja|cancelar suscripcion|cancelar|basta|eliminar|no mas correos|quitenme|saquenme|dar de baja x favor|baja por favor)`,
    request: `(me |nos )?(puede|pueden|podria|podrian|puedes|podeis|podriais)`,
  },
  // Italian
  {
    remove: `
      (cancella|cancellate|cancelli|rimuov*|togli|togliete|tolga|elimin*|disiscriv*) ~ (mi|ci|il mio|la mia|i miei|il nostro|la nostra|i nostri) ~ (indirizzo|contatto|dati|email|lista|nominativo|database|mailing)
      (cancellatemi|cancellami|cancellarmi|cancellateci|cancellatelo|rimuovetemi|rimuoverci|rimuovermi|rimuoveteci|toglietemi|toglietevi|toglieteci|togliermi|toglimi|eliminatemi|eliminami|eliminateci|disiscrivetemi|disiscrivermi|disiscrivimi|disiscriveteci|mi cancelli|mi rimuova|mi tolga|mi disiscriva|mi elimini)
      (cancellare|rimuovere|eliminare|togliere) (il mio|la mia|i miei|il nostro|la nostra|i nostri) ~ (indirizzo|contatto|dati|email|nominativo)
      (vorrei|voglio|desidero|chiedo di) essere (rimosso|rimossa|cancellato|cancellata|tolto|tolta|disiscritto|disiscritta|rimossi|cancellati)
      (chiedo|richiedo|esigo|chiediamo) la (cancellazione|rimozione|disiscrizione)
      annullare l iscrizione`,
    cease: `
      non (mi |ci |vi |desidero |desideriamo |voglio |vogliamo |intendo |intendiamo |scrivete|contattate|inviate|mandate)(~ )(piu|scrivetemi|contattatemi|ricevere|scriva|contatti|invii|scrivete|mail|email|messaggi)
      non (scrivetemi|contattatemi|inviatemi|mandatemi|scriveteci|contattateci|inviateci|mandateci|scrivermi|contattarmi|inviarmi|scriverci|mi scriva|mi contatti|mi scrivete|mi contattate) ~ (piu|altre|altri|nulla|niente|mai)
      non (desidero|desideriamo|voglio|vogliamo|intendo|intendiamo) (piu )?~ (ricevere|essere contattat*|essere ricontattat*|mail|email|comunicazioni|messaggi|pubblicita)
      (smettete|smetta|smettetela|smettila|finitela|cessate|piantatela) ~ (inviar*|scriver*|mandar*|contattar*|mail|email|messaggi|disturbar*)
      basta (con )?(le |queste |con queste )?(mail|email|messaggi|pubblicita|comunicazioni|spam)
      (lasciatemi|lasciami|lasciateci|mi lasci) (in pace|stare)
      (mi oppongo|ci opponiamo) (al|alla|a) ~ (trattamento|uso|utilizzo|marketing|invio|ricezione)`,
    alone: `(cancellami|cancellatemi|cancella|cancellazione|cancellare|disiscrizione|disiscrivimi|disiscriviti|rimuovi|basta|stop|basta mail|toglietemi|annullare l iscrizione|disiscrivimi pf)`,
    request: `(mi |ci )?(puo|potete|potrebbe|potreste|puoi|potresti)`,
  },
  // Portuguese
  {
    remove: `
      (remov*|retir*|tir*|exclu*|elimin*|apag*|descadastr*) (~ )?(me|nos) (da|do|de|daqui|imediatamente|por favor|dessa|desta|ja|agora)
      (me|nos) (remova|remover|removam|retire|retirem|tire|tirem|exclua|excluam|descadastre|descadastra|descadastrem|apague|apaguem)
      (remova|removam|retirem|retire|tirem|tire) (me|nos)
      (remov*|retir*|exclu*|elimin*|apag*|delet*) (o |a |os |as )?(meu|minha|meus|minhas|nosso|nossa|nossos|nossas) (email|endereco|contato|contacto|dados|nome|empresa)
      (apaguem|removam|eliminem) (no|o|na)
      (quero|desejo|gostaria de|solicito|peco) ~ (cancelar a (inscricao|subscricao)|cancelamento da (inscricao|subscricao)|descadastr*|ser removid*|exclusao|remocao|apagamento|eliminacao)`,
    cease: `
      nao (quero|queremos|desejo|desejamos|pretendo) (mais )?~ (receber|emails|mensagens|publicidade|contactos)
      nao (me|nos) (~ )?(escrev*|contact*|contat*|envi*|mand*|incomod*) (~ )?(mais|nada|novamente|outra vez)
      (favor|por favor|agradeco|agradeco que) nao (me |nos )?(enviar|enviem|voltem|contactar|escrever|mandar|contatar|escrevam|contactem) ~ (mais|mensagens|emails|novamente|contactar)
      nao voltem a (contactar|escrever|enviar|contatar) ~
      nao (enviem|enviarem|mandem|mandarem|escrevam|escreverem|contactem|contactarem|contatem) (me |nos )?mais
      (parem|pare|parar|deixem|deixe|cessem) de ~ (enviar|mandar|escrever|contactar|incomodar|contatar|enviarem)
      (deixem|deixe) (me|nos) em paz
      (chega de|basta de|nenhum|sem mais|nao mais) (emails|mensagens|publicidade|email)
      nao quero mais (emails|mensagens|nada|receber)
      (oponho me|opomo nos|me oponho) (ao|a|aos) ~ (tratamento|uso|envio|marketing|rececao|publicidade)
      nada mais de (emails|mensagens)`,
    alone: `(remover|remova|descadastrar|cancelar inscricao|cancelar|parar|sair|chega|cancelar subscricao|pare|parem|remover ja)`,
    request: `(pode|podem|poderia|poderiam|podes|podias)`,
  },
  // Dutch
  {
    remove: `
      (schrijf|schrijft) (mij|me|ons) (~ )?uit
      (meld|meldt) (mij|me|ons) (~ )?af
      (mij|me|ons) (~ )(uitschrijven|uit te schrijven|afmelden|af te melden|verwijderen|te verwijderen|schrappen) $
      (mij|me|ons) (~ )(uitschrijven|uit te schrijven|afmelden|af te melden|verwijderen|te verwijderen|schrappen) (graag|aub|alstublieft|svp|a u b|s v p|van|uit|voor|bij|en|dank|bedankt)
      (graag|gaarne|wil|gelieve|verzoek|svp) ~ (uitschrijven|uitgeschreven worden|afmelden|afgemeld worden|verwijderd worden)
      (uitschrijven|afmelden|verwijderen) (graag|aub|alstublieft|svp|a u b|s v p)
      (verwijder|verwijdert|schrap|wis|haal|haalt) (mij|me|ons|mijn|onze|dit) (~ )?(van|uit|eraf|gegevens|adres|email|naam|data|mailadres|contact|onmiddellijk|direct)
      (wilt u|kunt u|gelieve|wil je|kun je) (mij|me|ons|mijn|onze) (~ )?(verwijderen|halen|schrappen|te verwijderen|uitschrijven|afmelden)
      (mijn|onze) (emailadres|mailadres|adres|gegevens|naam) (te )?(verwijderen|schrappen|wissen)
      (adres|gegevens|mij|ons) ~ (bestand|mailinglijst|lijst|verzendlijst|database) (te )?(halen|verwijderen|schrappen)
      (verwijder|wis) (het|dit|alles|deze) en
      (verwijder|wis) (het|dit|alles) $
      (verzoek|eis|vraag) ~ (wissen|verwijderen|verwijdering|wissing)`,
    cease: `
      (geen) ~ (mails|emails|berichten|reclame|mail|email|nieuwsbrieven|post|contact) (~ )?(meer|meer ontvangen|sturen|alstublieft|ontvangen)
      (niet|niets|nooit) (meer|langer|weer) ~ (contacteren|mailen|benaderen|ontvangen|schrijven|sturen|te contacteren|te mailen|benaderd worden|te benaderen)
      (mail|schrijf|contacteer|benader|bel|stuur) (mij|me|ons) (~ )?(niet meer|nooit meer|niets meer|nooit|geen)
      (stuur|zend) (mij |me |ons )?(niets|geen mails|geen berichten|geen emails|geen) (meer )?
      neem geen contact (meer )?(met (mij|me|ons) )?(meer )?(op)?
      (stop|hou op|houd op|stoppen) (met|de|deze) ~ (mailen|mails|emails|berichten|sturen|schrijven|spam|contacteren|reclame)
      (wil|wens|wensen|willen) (geen|niet langer|niets) ~ (mails|emails|berichten|ontvangen|reclame|nieuwsbrief)
      (laat|laten) (mij|me|ons) met rust
      (maak|maken|teken) (hierbij )?bezwaar (tegen|op grond)
      stellen geen prijs op ~ (berichten|mails|reclame|emails)`,
    alone: `(afmelden|uitschrijven|graag uitschrijven|graag afmelden|stop|stoppen|verwijderen|afmelden graag|geen mail meer sturen|geen mails meer|stop hiermee)`,
    request: `(kunt|wilt|kun|wil|zou|zoudt) (u|je|jij)`,
  },
  // Swedish
  {
    remove: `
      (ta|tag|plocka|stryk|avregistrera|avanmal|radera) (bort )?(mig|mej|oss|min|mina|vara|var) (~ )?(adress|mejladress|uppgifter|epost|listan|lista|utskick*|register|sandlista|nu|genast|tack|namn|fran)?
      (ta|tag|plocka) bort (mig|mej|oss|min|mina|vara|var)
      (avregistrera|avanmal|avprenumerera|stryk|radera) (mig|mej|oss)
      (ni|du|kan) ~ (ta bort|stryka|avregistrera|radera) (mig|oss|min|mina)
      (vill|onskar|begar) ~ (avsluta prenumerationen|avregistrera mig|avanmala mig|bli borttagen|avprenumerera|radering|bort fran listan)
      radera (den|alla) och
      radera (mina|min|vara|mitt) (uppgifter|adress|data|mejladress|epost|kontakt)
      (begar|kraver) ~ (radering|borttagning)`,
    cease: `
      (inga|inte|aldrig) (~ )?(fler|mer|mera|igen|langre) (~ )?(mejl|mail|utskick|meddelanden|epost|reklam|brev|erbjudanden|kontakt)
      (vill|onskar) (inte|ej) (~ )?(ha|fa|ta emot|bli) (~ )?(mejl|mail|utskick|kontaktad*|reklam|epost|fler|meddelanden|er)
      (sluta|upphor|slut) (~ )?(skicka|mejla|maila|kontakta|skriva|spamma|mejlen|mailen|utskick)
      (kontakta|mejla|maila|skriv|skicka|stor) (mig|oss|till mig|till oss)? ?(inte|ej|aldrig|inget|inga) (~ )?(igen|mer|mera|langre|nagot)?
      skicka (inget|inga|ingenting|aldrig) (~ )?(mer|fler|mera|igen)
      skriv aldrig mer
      (undanber|avsager) (mig|oss) (reklam|fler|alla|utskick|detta|kontakt)
      (lamna|lat) (mig|oss) (i fred|vara i fred)
      (motsatter|invander|protesterar) (mig |oss )?(att|mot|vid|behandling*|all)`,
    alone: `(avregistrera|avanmal|avanmalan|avsluta|stopp|sluta|ta bort|stryk mig|ta bort mig|inga fler mejl|avprenumerera|sluta mejla)`,
    request: `(kan|skulle|vill) (ni|du)`,
  },
  // Polish
  {
    remove: `
      (prosze|wnosze|zadam|chce|chcialbym|chcialabym) (~ )?(o )?(wypisanie|usuniecie|usuniecia|skreslenie|skreslic|wypisac|usunac|wykreslenie|wykreslic|usuniecia) (~ )?(mnie|nas|mojego|moich|naszego|naszych|moj|moje|nasz|adres|adresu|danych)
      (prosze|prosimy|wnosze) o (wypisanie|niewysylanie|nieprzysylanie|niekontaktowanie)
      (mnie|nas) (wypisac|usunac|skreslic|wykreslic)
      (wypisz|wypiszcie|usuncie|usun|skreslcie|wykreslcie) (mnie|nas|moj|moje|nasz|nasze|ten|go)
      (usuncie|usun|usunac) (moj|moje|nasz|nasze) (kontakt|adres|dane|email)
      (rezygnuje|rezygnujemy) z (subskrypcji|newslettera|mailingu|otrzymywania)`,
    cease: `
      nie (chce|chcemy|zycze|zyczymy|zamierzam) (~ )?(otrzymywac|dostawac|wiadomosci|maili|waszych|reklam|sobie|kontaktu|korespondencji)
      (prosze|prosimy) (~ )?nie (~ )?(wysylac|pisac|kontaktowac|przysylac|przesylac|mailowac|nekac)
      (prosze|prosimy) (~ )?(sie )?(~ )?nie kontaktowac
      nie (piszcie|pisz|wysylajcie|wysylaj|przysylajcie|kontaktujcie|dzwoncie ani nie piszcie) (~ )?(wiecej|juz|do|mi|mnie|nic)?
      (nic|nigdy) (wiecej|mi)? ?nie (wysylajcie|piszcie|przysylajcie|wysylac|pisac)
      (przestancie|przestan|prosze przestac|zaprzestac|zaprzestanie|zaprzestancie) (~ )?(pisac|wysylac|wysylania|przysylac|wysylanie|spamowac|kontaktowac)
      (dosc|koniec|bez|zadnych) (tych |wiecej |waszych )?(maili|wiadomosci|reklam|spamu|emaili)
      nie (zgadzam|wyrazam) (sie |zgody )(na )?(~ )?(przetwarzanie|otrzymywanie|wysylanie|marketing|kontakt)
      (wnosze|wnosimy|zglaszam|skladam) sprzeciw
      (dajcie|daj) (mi|nam) (swiety )?spokoj
      (wycofuje|cofam) (~ )?zgode`,
    alone: `(wypisz|wypisz mnie|wypisac|stop|rezygnuje|usun|usuncie mnie|prosze mnie usunac|dosc|koniec|prosze o wypisanie|prosze nie pisac)`,
    request: `(czy )?(moga|moze|mozecie|moglibyscie|mogliby|mozesz)`,
  },
];

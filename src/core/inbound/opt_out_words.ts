/** Single words that decide whether a request to end our messages is whole, and whether it is meant. */

/** Long words of requests, for those who misspell them. */
export const KEYWORDS: readonly string[] = (
  'unsubscribe desinscription desinscrire desinscrivez desabonner desabonnez abmelden austragen verteiler ' +
  'eliminenme quitenme saquenme cancellatemi rimuovetemi disiscrivimi disiscrivetemi toglietemi descadastrar ' +
  'afmelden uitschrijven avregistrera wypiszcie wypisanie'
).split(' ');

export const NEGATIONS: ReadonlySet<string> = new Set(
  (
    'not dont never no cannot cant nt didnt wont nicht nie kein keine pas jamais ne nunca tampoco non mai nao niet geen ' +
    'nooit inte ej aldrig nie nigdy'
  ).split(' '),
);

/** Words of a request without a meaning of their own. */
export const FILLERS: ReadonlySet<string> = new Set(
  // English
  (
    'please pls plz kindly thanks thank you i we my our me us this that these those it is am are the a an and or of to from for ' +
    'in at on by with any all your again immediately now asap just hi hello dear email emails mail mails list lists mailing address ' +
    'database system future further more thx would like want could can you be was never asked twice already time times both ' +
    'm d ll s re under per gdpr can spam article articles art right data subject personal direct marketing information never signed consented consent gave agreed subscribed unsolicited use using very much product products service services privacy respect why know ' +
    'don about honor last month ' +
    'up info as company team reason whatsoever will report have has had ' +
    // German
    'nie zugestimmt habe dem nutzung verarbeitung bitte danke ich wir sie mich mir uns mein meine meiner meinen unser unsere unsere ihr ihre ihrer ihrem ihren ihnen euch eurer ' +
    'eurem der die das dem den des ein eine einer aus von vom zu zum zur und oder sofort umgehend gemass nach dsgvo artikel daten ' +
    'person liste verteiler mehr kunftig zukunftig hiermit dass werden wird diese dieser dieses solche email emails mails zwecke ' +
    'zweck zwecken direktwerbung werbung werbezwecken schon einmal darum gebeten hatte fur kenntnis samtliche adresse ' +
    // French
    'utilisation traitement jamais donne accord direct merci de votre vos je nous vous me mon ma mes notre nos cette cet ce le la les l d un une des du au aux a et ou en s il plait ' +
    'svp immediatement prie priere veuillez rgpd vertu titre donnees liste listes diffusion base fichier adresse part fois deja ' +
    'demande fin fins prospection commerciale que qu ai je saurais gre ' +
    // Spanish
    'nunca autorice estos datos publicidad directa por favor gracias yo nosotros su sus mi mis nuestra nuestro el los las un una de del al y o que les le se me nos conforme ' +
    'segun rgpd articulo tratamiento lista correo correos distribucion envios inmediato fines publicitarios con dos veces ya pedi ' +
    // Italian
    'mai dato consenso marketing diretto grazie prego vi ve lo gli i il la le un uno una di del della dalla dai dalle dal da vostra vostro vostri vostre mio mia miei ' +
    'nostra nostro che chiedo ai sensi gdpr articolo ex subito immediatamente lista mailing e ho due volte gia chiesto per finalita ' +
    // Portuguese
    'duas obrigado obrigada favor eu nos o os as um uma do da dos das vossa vosso sua seu dei consentimento nunca direto meu minha e ou que por para nos termos rgpd ' +
    'abrigo lista base dados imediatamente pedi vezes peco fins ' +
    // Dutch
    'graag aub alstublieft bedankt dank ik wij we u uw je jullie mij mijn ons onze de het een van uit op en of te gelieve grond avg ' +
    'verzoek lijst bestand onmiddellijk direct wilt kunt wil keer al twee heb gevraagd hierbij gebruik direct marketing tegen voor komt aan ' +
    // Swedish
    'aldrig samtyckt direktmarknadsforing anvands for tack snalla vanligen var vanlig jag vi ni er era ert mig oss min mina fran listan lista en ett och att om enligt gdpr artikel ' +
    'uppgifter genast nu har bett tva ganger adress sandlista utskick ' +
    // Polish
    'nigdy nie wyrazilem wyrazilam zgody marketingowych celach celow prosze dziekuje ja my mnie nas moj moje moich mojego nasz wasz wasza waszej z ze na do w i o oraz sie tej ta ten podstawie rodo ' +
    'artykul liste listy bazy adres natychmiast juz razy dwa prosilem prosilam danych panstwa sobie zycze ' +
    // Thanks, emphasis, confirmation, and law, in the order above.
    'grateful mind update  exercise exercising confirm confirmation ever still keep keeps keep kept getting been being did do does because since several ' +
    'multiple occasions requested requesting previously permanently effective respect wishes unwanted junk rubbish nonsense garbage inbox promotional commercial ' +
    'advertising communications correspondence so stuff kind sort any anymore records two three ico cnil aepd garante regulator authority authorities immediate inmediata immediata imediata ' +
    'bestatigen bestatige bestatigung gern gerne dankbar ware wurde wurden endlich unverzuglich vollstandig komplett dauerhaft ab jetzt nun solcher solchen derartige ' +
    'derartigen bei unerwunschte unerwunschten unaufgeforderte bereits mehrfach mehrmals wiederholt aufgefordert einfach endgultig zwei ' +
    'pouvez pourriez doit doivent tout toute tous toutes rien deux demandons confirmer confirmation reception definitivement desormais dorenavant avenir futur futurs ' +
    'futures droit opposition loi delai indesirables commerciales commercial publicitaires genre type ' +
    'informacion oposicion cancelacion supresion derecho ejerzo confirmen confirmenlo confirmacion suyos suyas vuestros futuro futuros todo todos tipo ruego agradeceria ' +
    'comerciales este esta dos ' +
    'favore cortesia cortesemente gentilmente invito dell voi confermare conferma confermate datecene datemene definitivamente ora avanti future qualsiasi ogni tipo genere ' +
    'diritto opposizione cancellazione commerciali pubblicitarie pubblicitari indesiderate tutti tutte due ' +
    'gentileza confirmem confirmar qualquer comerciais direito oposicao eliminacao agradecia agradeceria seus suas vossos vossas isto isso estes estas autorizacao permissao ' +
    'door hier bevestigen bevestig bevestiging definitief voortaan toekomst toekomstige dergelijke soort elke enige omgaand alsjeblieft alvast vriendelijk vriendelijke ' +
    'toestemming gegeven ongewenste twee ' +
    'bekrafta bekraftelse genast omedelbart hadanefter framover framtiden framtida samtycke detta dessa denna sadana tacksam permanent oonskad oonskade ' +
    'takich takie te tych od ich tego przyszlosci przyszlych potwierdzic potwierdzenie niezwlocznie przetwarzaniu przetwarzania osobowych mi nam panstwo waszego waszych ' +
    'jakichkolwiek kolejnych handlowych reklamowych mojej uprzejmie bardzo niechcianych'
  ).split(' '),
);

/**
 * Words that show another meaning: another list or address, a limit in time, something else instead, other people, or
 * something that already happened.
 */
export const OPPOSING = new RegExp(
  ` (?:${[
    // Something else instead, another list, another address.
    'instead|use this|use the|use these|waiting list|wait list|wait(?:ing)? ?list|paid plan|old address|old details|old email|new address|by mistake|by accident|cc|bcc|thread|pilot|trial|booth|phone|call|calls|invoices?|photos|round|reminders?|urgent|urgently|copies|next time',
    'stattdessen|warteliste|alte adresse|alten adresse|alten daten|versehentlich|thread|kopie|telefon|anrufen|rufen sie|tarif|runde|quartal|dringend[^ ]*',
    'plutot|liste d attente|ancienne adresse|par erreur|copie|boucle|appelez|telephone|campagne|celle ci|urgents?',
    'lista de espera|direccion antigua|por error|copia|llame|llamenme|llamame|ronda|usen|mejor|urgentes?',
    'invece|lista d attesa|vecchio indirizzo|per errore|copia|chiami|giro|usate|piuttosto|urgenti',
    'em vez|lista de espera|endereco antigo|por engano|copia|ligue|ronda|usem',
    'in plaats|wachtlijst|oude adres|per ongeluk|cc|bel|ronde|gebruik dit|liever(?! geen| niet)|dringende?',
    'i stallet|vantelistan|gamla adress|av misstag|kopian|ring|omgangen|anvand den|hellre|bradskande',
    'zamiast|oczekujacych|stary adres|przez pomylke|kopii|zadzwonic|tury|lepiej|pilnych|listy oczekujacych|platny',
    // One of several addresses, or another to use.
    'old|previous|former|other address|and use|alte|alten|alter|bisherige|und (?:nehmen|verwenden|benutzen|nutzen) (?:sie )?(?:die|den|diese)|ancien|ancienne|et (?:prenez|utilisez)',
    'antiguo|antigua|anterior|y (?:usen|use|utilicen)|vecchio|vecchia|precedente|e (?:usate|usi|utilizzate)|antigo|antiga|e (?:usem|use|utilizem)',
    'oude|vorige|en gebruik|gamla|tidigare|och anvand|stary|stara|poprzedni|i uzywac|i uzywajcie',
    // The writer removes us from a list of their own.
    '(?:(?:remov|unsubscrib|delet|eras)(?:e|ed|es|ing)|tak(?:e|en|es|ing)|took) you',
    '(?:te|le|lo|la|os|les) (?:elimino|borro|quito|saco)',
    '(?:ti|la|le|vi) (?:rimuovo|elimino|cancello|tolgo)',
    // A limit in time.
    'before|until|for now|this month|this quarter|this year|next (?:month|quarter|year|week)|again in|in (?:january|february|march|april|may|june|july|august|september|october|november|december|spring|summer|autumn|fall|winter)|yet',
    'vor (?:januar|februar|marz|april|mai|juni|juli|august|september|oktober|november|dezember|dem|ende)|bis|danach|derzeit|momentan|vorerst',
    'avant|jusqu|d ici|pour l instant|pour le moment|rentree|ensuite|actuellement|(?<!ne (?:me|nous) )recontactez',
    'antes de|hasta|por ahora|luego|de momento|(?<!no )vuelvan a escribirme',
    'prima di|fino a|per ora|poi|riscrivetemi|riscriveteci',
    'antes de|ate|por enquanto|depois|(?<!nao )voltem a escrever',
    'voor (?:januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december)|tot|voorlopig|daarna|weer in',
    'fore|till (?:januari|februari|mars|april|maj|juni|juli|augusti|september|oktober|november|december)|tills|for tillfallet|darefter|skriv igen',
    'przed|do (?:stycznia|lutego|marca|kwietnia|maja|czerwca|lipca|sierpnia|wrzesnia|pazdziernika|listopada|grudnia)|na razie|potem|znowu',
    // Other people, and reports.
    '(?:we|i) (?:do not|dont|never) (?:send|email|contact|write)|members?|customers?|users?|subscribers?|employees?|neighbou?rs?|people|anyone|they|their|them off|he|she|lawyers?|wife|husband|friends?',
    'mitglied(?:er|ern|s)?|kunden|nutzer|abonnenten|leute|wer|meine frau|mein mann|nachbar[^ ]*|anwalte|verein[^ ]*',
    'adherents?|membres?|clients?|abonnes|ceux|celui|voisin[^ ]*|ils|elles|anciens membres',
    'socios?|miembros?|clientes?|quien|vecin[^ ]*|antiguos',
    'soci|socio|membri|clienti|chi|vicin[^ ]*|ex soci|degli ex',
    'membros?|quem|vizinh[^ ]*|antigos',
    'leden|lid|klanten|wie|buur[^ ]*|oud leden',
    'medlem(?:mar|men|mer)?|kunder|den som|granne[^ ]*',
    'czlonk[^ ]*|klien[^ ]*|kto|sasiad[^ ]*',
    // Already happened, or never did.
    '(?:esta|estoy|estamos|estan|estuve|sigue) de baja|unsubscribed|subscribed by|told my|i told|abgemeldet|desinscrit[^ ]*|me di de baja|me he dado|(?:sono|ho|abbiamo) (?:gia |stato )?cancellato|cancelei|afgemeld|avregistrerade|avregistrerat|wypisalem|wypisalam|(?:the|a) (?:unsubscribe )?link|button|feature|newsletter behalten|subject line',
    // Fewer, and an end that the writer plans.
    'fewer|less|weniger|nicht so viele|moins|menos|meno|minder|farre|mniej|once an?|one per|only the|(?:we|i) (?:want|need|had|have|plan|decided) to stop|(?:nous|on) (?:voulons|veut|souhaitons|devons) (?:arreter|cesser)',
    'wir (?:wollen|mussen|haben) [^ ]* ?auf(?:horen|gehort)|wir stellen|queremos (?:dejar|parar)|vogliamo smettere|willen stoppen met|vill vi sluta|chcemy przestac',
    // `Drop me a line`; an address that ends.
    'drop (?:me|us) (?:a|an|the|your)|will (?:soon )?be (?:removed|deleted|closed)|wird (?:bald )?(?:geloscht|deaktiviert)|sera (?:bientot )?supprime[^ ]*|sera eliminad[^ ]*|verra cancellat[^ ]*|wordt (?:binnenkort )?verwijderd|tas bort snart|zostanie usuniet[^ ]*',
    // The opposite.
    'interesse daran|interest(?:ed)? in (?:being|unsub[^ ]*|leaving|opting)|hesitate|zogern|hesitez|hesiter|duden|dude|esitate|esiti|hesite|hesitem|aarzel|tveka|wahaj[^ ]*|nie przestaw[^ ]*',
    // Mail that does not arrive, and things that are no messages of ours.
    'not (?:receiving|getting)|(?:dont|no longer|never) (?:receive|get) (?:your|any)|(?:erhalte|bekomme|kriege|erhalten|bekommen) (?:ich |wir )?(?:keine|nichts) mails? mehr von|(?:erhalte|bekomme|kriege) (?:ich )?(?:keine|nichts)|ne recois|no (?:me llega[^ ]*|recibo)|non (?:ricevo|mi arrivano)|nao recebo|ontvang (?:ik )?geen|far (?:jag )?inga|nie dostaje',
    'attendees?|guests?|speakers?|teilnehmer[^ ]*|participants?|asistentes?|partecipanti|participantes?|deelnemers?|deltagar[^ ]*|uczestnik[^ ]*|recording|trial',
    'contracts?|invoice|quotes?|quotation|proposal|price|demo|attachments?|agreement|colleagues?|boss',
    'vertrag[^ ]*|rechnung[^ ]*|papierrechnung|angebot[^ ]*|anhang|termin|kolleg[^ ]*|chef[^ ]*|webinar',
    'contrat|facture|devis|collegues?|contrato|factura|presupuesto|colegas?|contratto|fattura|preventivo|collega|fatura|orcamento',
    'factuur|offerte|avtal[^ ]*|faktura|offert[^ ]*|kollega|umow[^ ]*|faktur[^ ]*|koleg[^ ]*|kolezank[^ ]*',
    // The same to another place, or by another way only.
    'send (?:it|them|these|those|everything) to|to me (?:personally|directly)|only (?:by|from|through|via|to)|directly to me|partners?|third parties|resellers?|by post|on paper|catalog(?:ue)?s?|brochures?',
    '(?:schicken|senden) sie (?:es|sie|alles|das) (?:an|mir)|an mich (?:personlich|direkt)|nur (?:von|an|uber|per|noch per)|partnern?|per post|papier|kataloge?',
    'utilisez|(?:ecrivez|envoyez)[^ ]* (?:moi )?(?:les )?(?:a|au|sur) (?:mon|ma|celle)|seulement|uniquement|partenaires?|par courrier|factures|catalogues?',
    'envi[^ ]* a (?:mi|esta|este)|solo (?:por|a|de|desde)|solamente|unicamente|por correo postal|facturas|catalogos?',
    '(?:mandate|inviate|scrivete)[^ ]* (?:a me|a questo|a quest)|solo (?:da|a|per|via)|soltanto|per posta|fatture|cataloghi',
    '(?:envi|mand)[^ ]* para (?:mim|este|o meu)|apenas (?:de|por|para)|somente|parceiros?|faturas|pelo correio',
    'stuur (?:ze|het|alles) naar|alleen (?:via|naar|van|per|door)|facturen|skicka (?:dem |det |allt )?till mig|bara (?:via|till|fran)|fakturor',
    'wysylajcie do|poczta|partnerow|katalog[^ ]*',
    // The writer takes over, or has done what the messages ask for.
    'i (?:am|m) (?:now )?(?:responsible|in charge|your contact)|(?:i|we) (?:will )?take over|taking over|chasing|(?:i|we) (?:have |ve )?(?:already |just )?(?:signed(?! up)|paid|ordered|placed|submitted)|is (?:placed|signed|paid|ordered|settled)',
    'ich bin [^ ]* ?zustandig|ich ubernehme|unterschrieben|bezahlt|je m en (?:occupe|charge)|je suis (?:desormais|maintenant)|(?:ai|avons|est) (?:deja )?(?:signe|paye)',
    '(?:yo )?soy (?:yo )?(?:la|el) (?:responsable|encargad[oa])|firmad[oa]|pagad[oa]|sono (?:io )?(?:il|la) (?:nuov[oa] )?responsabile|me ne occupo|firmato|pagato|sou (?:eu )?[oa] responsavel|assinad[oa]',
    'ik neem het over|ondertekend|betaald|jag tar over|signerat|betalat|odpowiadam|podpisal[^ ]*|zaplacil[^ ]*',
    // No longer needed, because all is well.
    'needed|necessary|required|notig|necessaires?|necesari[oa]s?|necessari[oaie]|nodig|behovs|potrzebn[^ ]*',
    // Only the language is wrong, or one thing is enough.
    '(?:in|auf|en|em|in het|pa|po) (?:englis[^ ]*|anglais|ingles[^ ]*|engels|engelska|angielsku|german|deutsch|french)|basta (?:un|una|con)|reicht|suffit|genoeg|racker|wystarczy|i mean|ich meine',
    // A condition.
    'if i|if you(?! (?:could|would|can|will|continue|keep|contact|email|mail|write|message|send|do not stop|dont stop|did not|didnt|would not|wouldnt|stopped))|wenn ich|falls|si je|si lo|se lo|se experimentar|als ik|om jag|jesli|whenever|when|wenn|quand|cuando|quando|wanneer|nar en|gdy',
  ].join('|')}) `,
);

/** The second half of a sentence takes back the first. */
export const CONTRAST =
  /[,;:-]? (?:but|however|instead|aber|jedoch|sondern|pero|sino|maar|utan|tylko|ale|lecz)(?= )|[,;:-] (?:ma|mais|mas|men)(?= )/;

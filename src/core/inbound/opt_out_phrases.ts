/**
 * Ways to ask for an end of messages, by language. Folded words (`plainWords`): `~` is up to three words, `*` any ending,
 * `(a|b)` a choice, `$` the end of a clause. One phrase a line.
 */
import { type OptOutPhrases, ROMANCE } from './opt_out_romance.ts';

export const OPT_OUT_PHRASES: readonly OptOutPhrases[] = [
  // English
  {
    remove: `
      (cancel|end) (these|those|your|all|my) (emails|mails|messages|mailings|email subscription)
      (take|keep|get|leave) (my|our) ~ (out of|off|from) ~ (system|database|list|lists|files|crm|records)
      (stop|end|cancel|remove me from) (the|this|your) (sequence|cadence|campaign|drip)
      (erasure|deletion|removal|unsubscribe|opt out) request
      (delete|erase|remove) (all |any )?(personal )?(data|information|details) (that )?you (hold|have|store)
      (please )?(delete|remove) it (please|now|immediately|from ~ (list|lists|database))?$
      (take|taking|remove|removing) ~ (off|from) (this|your|the|any|all) (~ )?(list|lists|campaign|campaigns|sequence|cadence|outreach|mailings|database|crm|distribution)
      object to (you |your )?processing
      (be|being|get|been|am|are) (taken|removed|deleted|unsubscribed) (off|from)
      block (me|us|this (address|email)) (please )?$
      exercise ~ right to (object|erasure|be forgotten)
      (expunge|rm) (me|my|our|us)
      block me (from|off)
      (consider|take) this (as )?(my|our) (opt out|unsubscribe|removal)
      (i am|im|i m|we are) opting out
      (appreciate|request) being (removed|taken off|deleted|unsubscribed)
      knock it off
      (discontinue|halt) ~ (emails|mails|messages|mailings|contact)
      stop ~ (follow ups|followups|following up|chasing|pitching)
      make sure ~ (do not|dont) (get|receive)
      (cease|stop|end) (all )?(further |any )?(communication|communications|contact|correspondence|emails|messages|mailings)
      stop (this|these|the|your|all|with) ~ (emails|mails|messages|spam|mailings|communication)
      (stop|cease|quit|refrain from|desist from) ~ (emailing|mailing|contacting|messaging|sending|spamming|writing|bothering|harassing|pestering)
      (unsubscribe|unsub) (me|us|this|my|our|immediately|please|now|from ~ (list|lists|emails|mailings|newsletter|all|everything))
      (please|pls|plz|kindly|want to|like to|wish to) (unsubscribe|unsub|opt out)
      (remove|delete|erase|strike|scrub|drop|purge|exclude|removing|deleting|excluding) (me|us|mine|both|this (email|address|contact)|these addresses)
      (remove|delete|erase|strike|scrub|drop|purge|removing|deleting) (my|our|both my|all my|all our) ~ (email|emails|address|addresses|name|names|details|data|information|info|contact|contacts|company|organization|domain|record|records|id|number)
      (remove|removing|take|taking|exclude) ~ (from|off) (this|your|the|all|any|these|future) ~ (list|lists|mailing|mailings|database|distribution|newsletter)
      (asked|like|want|wish|need|request) (~ )?to be (removed|taken off|unsubscribed|deleted|excluded)
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
      (do not|dont|never) send (me|us) ~ (unsolicited|spam|junk|advertising)
      (do not|dont|never) consent to (these|this|your|any|receiving)
      (rather|prefer) not (to )?(hear|be contacted|receive)
      (do not|dont|never) follow up $
      (do not|dont|never) (ever )?add (me|us) (to|on)
      (no longer|not|never) (interested in|interested to) (receiving|receive|getting|hearing)
      (do not|dont|not) (want|need|like) (these|those|this|your) (emails|mails|messages|newsletters|spam)
      (do not|dont|never) (ever )?send (me|us) ~ (crap|stuff|shit|junk|garbage|nonsense|spam|mails|messages)
      (do not|dont|please not) follow up (again|further|anymore|$)
      (do not|dont|never) (ever )?(contact|email|call|message|write) (me|us|this) ~ again
      (add|put|place) (me|us|this email|this address|my email|my address) (to|on|in|into) (your |the |a )?(do not|dont|no|suppression|unsubscribe|opt out|blocklist|blacklist|exclusion)
      (do not|dont|never|please not) (ever )?(email|mail|contact|write|message|bother|spam|call or email|reach out) $
      (do not|dont|never) (ever )?(email|mail|contact|write|message|bother|spam|call or email|reach out|reach out to|write to) (me|us|again|anymore|any more|any further|this|here)
      (do not|dont|never) (ever )?send (me|us)? ?(any|anything|anymore|further|more|these|such|emails|this stuff)
      please stop $
      cease and desist
      (count|leave) (me|us) out $
      count (me|us) out of
      (no|not any|without) (more|further|additional) (emails|email|mails|messages|mailings|contact|communication|communications|newsletters|of these)
      (do not|dont|no longer|not|never) (want|wish|care|like) (to )?(receive|get|hear from|be contacted|be emailed|any (more|further)|these|your (emails|mails|messages)|further)
      (do not|dont|no longer) want (these|those|them|your)
      prefer not to (receive|be contacted|get|hear)
      (appreciate|prefer) it if you (did not|didnt|would not|wouldnt|stopped|do not|dont) (contact*|writ*|email*|contacting|emailing|writing)
      leave (me|us) alone
      (object|objects|objecting) to (the |any )?(processing|use|marketing|direct marketing|receiving)
      (withdraw|revoke) ~ consent
      (do not|dont|never) (ever )?(contact|email|write to|message) (me|us)
      (i|we) (will|ll|am going to|are going to) (report|flag|mark) (you|this|your emails|your messages|your address) (as|for) spam if you (write|contact|email|mail|message|send) (me |us )?(again|anything|another|more)
      take (me|us) off this list`,
    alone: `(stop stop( stop)?|enough emails|enough mails|enough spam|forget me|please forget us|delete it|i want off|want off|no more|no more pls|kindly remove|unsubscribe|unsub|stop|stop it|stop this|just stop|remove|remove me|remove us|opt out|opt me out|no emails|take me off|please stop|unsubscribe now|unsubscribe all|unsubscribe from all|go away|spam)`,
    request: `(please )?(can|could|would|will) you`,
  },
  // German
  {
    remove: `
      (unterlassen|unterlasst) (sie )?es ~ (zu )?(kontaktieren|anzuschreiben|schreiben|mailen|belastigen|schicken|senden)
      (widerspruch|loschung|loschantrag) (gemass|nach|gem|laut) art*
      es (mich|uns) ~ zu kontaktieren
      (horen sie|hort|hor) ~ auf (mir|uns|mich) ~ zu (schreiben|mailen|kontaktieren|belastigen)
      (hort|hor|horen) (sie )?(bitte )?(auf|damit auf)?(~ )?(spam|mails|mailen|emails|schreiben|belastigen) (~ )?(auf )?
      (ube|mache) ~ (recht|gebrauch) (auf|von) (~ )?(loschung|widerspruch|widerspruchsrecht)
      (diese|die) (adresse|mailadresse|emailadresse) ~ (nehmen|loschen|entfernen|streichen|sperren)
      stellen (sie )?~ (versand|zusendung|zusendungen|mails|emails|nachrichten|werbung|kontaktaufnahme) (~ )?ein
      (melden|meldet) (sie |du )?~ (email|adresse|emailadresse|mailadresse) ab
      (horen|hort|hor) (sie )?(bitte )?(auf|damit auf) ~ (schreiben|mails|emails|nachrichten|kontaktieren|belastigen|schicken)
      (melden|melde|meldet) (sie |du )?(mich|uns) ~ ab $
      (melden|melde|meldet) (sie |du )?(mich|uns) ~ ab (von|vom|bitte|danke|und)
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
      (will|mochte|mochten|wollen) (das|sowas|so etwas) nicht mehr (bekommen|erhalten|kriegen|lesen)
      (untersage|untersagen) (ich |wir )?(ihnen |euch )?(hiermit )?~ (kontaktaufnahme|kontakt|mails|werbung|nutzung|verwendung|zusendung*)
      (verbitte|verbitten) (mir|uns) ~ (mails|emails|werbung|nachrichten|kontaktaufnahme*|zusendungen|belastigung*)
      (will|mochte|wollen|mochten|wunsche|wunschen) (diese|solche|ihre|eure) (mails|emails|nachrichten|newsletter|werbung) nicht
      keine (weitere|weiteren) ~ (nutzung|verarbeitung|verwendung|anfragen|angebote|zusendungen)
      (davon|ab davon) ~ ab ~ (kontaktieren|anzuschreiben|schreiben|mailen)
      (sehen|seht) (sie )?~ davon ab
      keine (anfragen|angebote|anrufe|mails|emails|werbung) (mehr )?(wunschen|wollen|mochten|erhalten)
      (unterlassen|unterlasst) (sie )?(das|dies|es)? ?$
      (unterlassen|unterlasst) (sie )?~ (kontaktaufnahmen|kontaktversuche|anschreiben|mails|werbung)
      (sehen|seht) (sie )?(bitte )?von ~ (kontaktaufnahme|kontaktaufnahmen|kontakten) ab
      (nehmen|nehmt) (sie )?(bitte )?von ~ (mails|emails|nachrichten|kontaktaufnahmen|zusendungen|anfragen|anschreiben) abstand
      von ~ (kontaktversuchen|nachfragen|anschreiben|werbemails) (absehen|abzusehen)
      (will|wollen|mochte|mochten) ~ nichts mehr
      (lassen|lasst) (sie )?(das|es) ~ (mails|emails|mailen|schreiben)
      (keine|keinerlei) (weiteren |weitere )?(mails|emails|werbung|nachrichten|newsletter|werbemails|zusendungen|post|kontaktaufnahme|mail|email) (mehr|erhalten|erwunscht|bekommen|wunschen)?
      (keine|keinen) (weiteren|weitere|weiterer) (mails|emails|nachrichten|zusendungen|newsletter|kontakt|werbung|kontaktaufnahme|anfragen|anschreiben)
      (melden|meldet|melde) (sie |du |euch )?(sich |dich )?(~ )?(nicht|nie) (mehr|wieder)
      nie (wieder|mehr) ~ (mails|emails|mail|email|schreiben|anschreiben|kontaktieren|post|nachrichten)
      (schreiben|schreib|schreibt|kontaktieren|kontaktiert|belastigen|mailen|schicken|senden) (sie )?(mir|mich|uns) ~ (nicht mehr|nichts mehr|nie mehr|nie wieder|nicht weiter|nicht wieder|keine)
      nicht (mehr|weiter|wieder|langer) ~ (angeschrieben|anschreiben|anzuschreiben|kontaktieren|kontaktiert|zu kontaktieren|schreiben|zu schreiben|melden|belastigen|schicken|mailen|anmailen)
      (nichts|keine mails|keine emails) mehr ~ (schicken|senden|zu schicken|zu senden|bekommen|erhalten|haben)
      (unterlassen|unterlasst) (sie )?~ (mails|emails|nachrichten|zusendungen|werbung|kontaktaufnahme|kontaktversuche)
      von ~ (mails|emails|nachrichten|zusendungen|anfragen|kontaktaufnahmen|werbung) (absehen|abzusehen|abstand nehmen)
      (sehen|seht) (sie )?(bitte )?von ~ (zusendungen|mails|emails|nachrichten|kontaktaufnahmen|anfragen) ab
      (lassen|lasst) (sie )?(mich|uns) (bitte )?in (ruhe|frieden)
      (verschonen|verschont) (sie )?(mich|uns)
      (widerspreche|widersprechen) (ich |wir )?(hiermit )?(der|jeder|einer) ~ (nutzung|verwendung|verarbeitung|speicherung|weiteren|datenverarbeitung)
      (will|mochte|wunsche|wollen|mochten|wunschen) ~ (keine|keinerlei|nichts) ~ (mails|emails|nachrichten|werbung|zusendungen|newsletter|kontaktaufnahme)`,
    alone: `(abmelden|abmeldung|austragen|bitte austragen|abbestellen|loschen|stopp|keine werbung|keine mails|nehmen sie mich raus|raus|kein spam)`,
    request: `(konnen|konnten|wurden|kannst|konntest|konnt) (sie|du|ihr)`,
  },
  // Dutch
  {
    remove: `
      (stop|hou op|houd op) met ~ (contact|contacteren|benaderen|opnemen)
      (stop|hou op|houd op|stoppen) (met|de|deze) ~ (mailen|mails|emails|berichten|sturen|schrijven|spam|contacteren|reclame)
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
      niet (meer|langer) (~ )?(gemaild|benaderd|gecontacteerd|lastiggevallen) (worden)?
      (geen) ~ (mails|emails|berichten|reclame|mail|email|nieuwsbrieven|post|contact) (~ )?(meer|meer ontvangen|sturen|alstublieft|ontvangen)
      (niet|niets|nooit) (meer|langer|weer) ~ (contacteren|mailen|benaderen|ontvangen|schrijven|sturen|te contacteren|te mailen|benaderd worden|te benaderen)
      (mail|schrijf|contacteer|benader|bel|stuur) (mij|me|ons) (~ )?(niet meer|nooit meer|niets meer|nooit|geen)
      (stuur|zend) (mij |me |ons )?(niets|geen mails|geen berichten|geen emails|geen) (meer )?
      neem geen contact (meer )?(met (mij|me|ons) )?(meer )?(op)?
      (wil|wens|wensen|willen) (geen|niet langer|niets) ~ (mails|emails|berichten|ontvangen|reclame|nieuwsbrief)
      (laat|laten) (mij|me|ons) met rust
      (maak|maken|teken) (hierbij )?bezwaar (tegen|op grond)
      (stel|stellen) geen prijs op`,
    alone: `(afmelden|uitschrijven|graag uitschrijven|graag afmelden|stop|stoppen|verwijderen|afmelden graag|geen mail meer sturen|geen mails meer|stop hiermee)`,
    request: `(kunt|wilt|kun|wil|zou|zoudt) (u|je|jij)`,
  },
  // Swedish
  {
    remove: `
      sluta tjata
      (lamna|lat) (mig|oss) (ifred|i fred|vara)
      (sluta|upphor|slut) (~ )?(skicka|mejla|maila|kontakta|skriva|spamma|mejlen|mailen|utskick)
      (ta|tag|plocka|stryk|avregistrera|avanmal|radera) (bort )?(mig|mej|oss|min|mina|vara|var) (~ )?(adress|mejladress|uppgifter|epost|listan|lista|utskick*|register|sandlista|nu|genast|tack|namn|fran)?
      (ta|tag|plocka) bort (mig|mej|oss|min|mina|vara|var)
      (avregistrera|avanmal|avprenumerera|stryk|radera) (mig|mej|oss)
      (ni|du|kan) ~ (ta bort|stryka|avregistrera|radera) (mig|oss|min|mina)
      (vill|onskar|begar) ~ (avsluta prenumerationen|avregistrera mig|avanmala mig|bli borttagen|avprenumerera|radering|bort fran listan)
      radera (den|alla) och
      (radera|raderar) (mina|min|vara|mitt|alla) (uppgifter|personuppgifter|adress|data|mejladress|epost|kontakt)
      (begar|kraver) ~ (radering|borttagning)`,
    cease: `
      (inga|inte|aldrig) (~ )?(fler|mer|mera|igen|langre) (~ )?(mejl|mail|utskick|meddelanden|epost|reklam|brev|erbjudanden|kontakt)
      (vill|onskar) (inte|ej) (~ )?(ha|fa|ta emot|bli) (~ )?(mejl|mail|utskick|kontaktad*|reklam|epost|fler|meddelanden|er)
      (kontakta|mejla|maila|skriv|skicka|stor) (mig|oss|till mig|till oss)? ?(inte|ej|aldrig|inget|inga) (~ )?(igen|mer|mera|langre|nagot)?
      skicka (inget|inga|ingenting|aldrig) (~ )?(mer|fler|mera|igen)
      skriv aldrig mer
      (undanber|avsager) (mig|oss) (reklam|fler|alla|utskick|detta|kontakt)
      sluta tjata
      (lamna|lat) (mig|oss) (i fred|vara i fred)
      (motsatter|invander|protesterar) (mig |oss )?(att|mot|vid|behandling*|all)`,
    alone: `(avsluta prenumerationen|avsluta prenumeration|avsluta min prenumeration|avregistrera|avanmal|avanmalan|avsluta|stopp|sluta|ta bort|stryk mig|ta bort mig|inga fler mejl|avprenumerera|sluta mejla)`,
    request: `(kan|skulle|vill) (ni|du)`,
  },
  // Polish
  {
    remove: `
      (przestancie|przestan|prosze przestac|zaprzestac|zaprzestanie|zaprzestancie) (~ )?(pisac|wysylac|wysylania|przysylac|wysylanie|spamowac|kontaktowac)
      (prosze|wnosze|zadam|chce|chcialbym|chcialabym) (~ )?(o )?(wypisanie|usuniecie|usuniecia|skreslenie|skreslic|wypisac|usunac|wykreslenie|wykreslic|usuniecia) (~ )?(mnie|nas|mojego|moich|naszego|naszych|moj|moje|nasz|adres|adresu|danych)
      (prosze|prosimy|wnosze) o (wypisanie|usuniecie|skreslenie|wykreslenie|niewysylanie|nieprzysylanie|niekontaktowanie)
      (mnie|nas) (wypisac|usunac|skreslic|wykreslic)
      (wypisz|wypiszcie|usuncie|usun|skreslcie|wykreslcie) (mnie|nas|moj|moje|nasz|nasze|ten|go)
      (usuncie|usun|usunac) (moj|moje|nasz|nasze) (kontakt|adres|dane|email)
      (rezygnuje|rezygnujemy) z (subskrypcji|newslettera|mailingu|otrzymywania)`,
    cease: `
      (prosze|prosimy) nie (przysylac|wysylac|przesylac) (mi|nam) (~ )?(ofert|wiadomosci|maili|reklam)
      sprzeciwiam sie
      (prosimy|prosze) o (niekontaktowanie|niewysylanie|zaprzestanie|nieprzesylanie)
      nie (chce|chcemy|zycze|zyczymy|zamierzam) (~ )?(otrzymywac|dostawac|wiadomosci|maili|waszych|reklam|sobie|kontaktu|korespondencji)
      (prosze|prosimy) (~ )?nie (~ )?(wysylac|pisac|kontaktowac|przysylac|przesylac|mailowac|nekac)
      (prosze|prosimy) (~ )?(sie )?(~ )?nie kontaktowac
      nie (piszcie|pisz|wysylajcie|wysylaj|przysylajcie|kontaktujcie|dzwoncie ani nie piszcie) (~ )?(wiecej|juz|do|mi|mnie|nic)?
      (nic|nigdy) (wiecej|mi)? ?nie (wysylajcie|piszcie|przysylajcie|wysylac|pisac)
      (dosc|koniec|bez|zadnych) (tych |wiecej |waszych )?(maili|wiadomosci|reklam|spamu|emaili)
      nie (zgadzam|wyrazam) (sie |zgody )(na )?(~ )?(przetwarzanie|otrzymywanie|wysylanie|ofert|oferty|przesylanie|marketing|kontakt)
      (wnosze|wnosimy|zglaszam|skladam) sprzeciw
      nie (kontaktujcie|kontaktuj|kontaktowac) (sie )?(~ )?(ze mna|z nami|sie)
      nie nalegajcie
      (dajcie|daj) (mi|nam) (swiety )?spokoj
      (wycofuje|cofam) (~ )?zgode`,
    alone: `(wypisz|wypisz mnie|wypisac|stop|rezygnuje|usun|usuncie mnie|prosze mnie usunac|dosc|koniec|prosze o wypisanie|prosze nie pisac)`,
    request: `(czy )?(moga|moze|mozecie|moglibyscie|mogliby|mozesz)`,
  },
  ...ROMANCE,
];

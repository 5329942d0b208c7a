/**
 * The structure around a request to end our messages: what it removes, whether it is turned around, when and how it holds, and
 * what the next clause asks for. Folded (`plainWords`, ` word word `) unless said otherwise, in nine languages.
 */

/** The writer's own, before what they ask us to remove. */
const MY =
  '(?:my|our|meine?[nrsm]?|unsere?[nrsm]?|mon|ma|mes|notre|nos|mis?|nuestr[oa]s?|(?:il |la |i |le )?(?:mi[oa]|miei|mie|nostr[oaie])|(?:o |a |os |as )?(?:meus?|minhas?|noss[oa]s?)|mijn|onze?|min|mitt|mina|vart?|vara|mo[jf]|moja|moje|moj[aeio]\\w{0,3}|mojego|moich|nasz\\w{0,4})';
/** Data about the writer, and messages: all that a request to opt out removes. */
const CONTACT_DATA =
  '(?:e?mails?|email\\w*|mailadres\\w*|mejl\\w*|epost\\w*|courriels?|correos?|address\\w*|adres\\w*|direccion(?:es)?|indirizz[oi]|enderecos?|names?|namens?|noms?|nombres?|nom[ei]|nominativ[oi]|naam|namn|imie|nazwisk\\w*|details?|data|daten|kontaktdat\\w*|dat[oi]s?|donnees|coordonnees|dados|gegevens|contactgegevens|uppgift\\w*|personuppgift\\w*|kontaktuppgift\\w*|dan[ey]\\w{0,2}|info\\w{0,10}|contacts?|contac?t[oi]s?|contatt[oi]|kontakt\\w{0,3}|recapit[oi]|records?|entry|eintrag\\w*|profil\\w?|fiche|ficha|anagrafica|cadastro|regist[re]\\w*|angaben|company|compan\\w+|organi[sz]ation\\w*|business|firm\\w{0,2}|societe|entreprise|empresa|azienda|societa|bedrijf|foretag\\w*|verein\\w*|club|person\\w{0,2}|domains?|domeny|id|ids|numbers?|nummer\\w*|telefonnummer\\w*|subscription|inscription|abonnement|suscripcion|subscripcion|iscrizione|inscricao|subscricao|assinatura|inschrijving|prenumeration\\w*|subskrypcj\\w*|consent|einwilligung|side|behalf|part|team|inbox|postfach\\w*|mailbox|list\\w?|verteiler)';
/** A noun may have adjectives before it: `my personal data`, `meine personlichen Daten`. */
const ADJECTIVES =
  '(?:(?!from|off|of|aus|von|vom|de|du|des|del|dal|dalla|da|do|van|uit|fran|ur|z|ze|from|and|und|et|y|e|och|i|on|in|en|for|to|as)\\w+ ){0,3}';
const OF_MINE = new RegExp(` ${MY} `);
const WRITER_OR_DATA = new RegExp(
  ` (?:${MY} ${ADJECTIVES}${CONTACT_DATA}|me|us|mich|uns|moi|nous|mij|ons|mig|oss|mnie|nas|(?:mi|nos|ci)(?= (?:$|d[aeio]l?l?[aeio]? |por |per |imediat|inmediat|immediat|ja |agora |subito |cancell|rimuov|tog|elimin|disiscriv|desinscri|retir|quit|borr|remov|tir|exclu|apag|saqu)))(?= )`,
);
const REMOVES =
  / (?:remov(?:e|ing)|delet(?:e|ing)|eras(?:e|ing)|strik(?:e|ing)|scrub|drop|purge|cancel|loschen?|loscht|entfern\w*|streich\w*|annull\w*|retir(?:er|ez)|supprim(?:er|ez)|effac(?:er|ez)|enlev(?:er|ez)|otez|elimin\w*|borr\w*|quit\w*|retir\w*|suprim\w*|cancell\w*|rimuov\w*|tog(?:li|lie\w*)|remov\w*|apag\w*|exclu\w*|delet\w*|tir[ae]\w?|verwijder\w*|schrap\w*|wis|wissen|ta bort|radera|stryk\w*|usun\w*|skresl\w*|wykresl\w*|skasuj\w*) /;

/** One message of the writer's: `delete my last mail`. */
const ONE_MESSAGE =
  / (?:last|latest|previous|earlier|letzte[nrs]?|vorige[nrs]?|vorherige[nrs]?|derniere?|precedent[ea]?|ultim[oa]|anterior|vorige|laatste|forra|senaste|ostatni\w{0,3}|poprzedni\w{0,3}) (?:e?mails?|message|nachricht|courriel|correo|mensaje|messaggio|mensagem|bericht|mejl|meddelande|wiadomosc) /;

/** `Delete my order`: the object is neither data about the writer nor a message. */
export function removesAnotherThing(words: string): boolean {
  if (!REMOVES.test(words)) return false;
  return ONE_MESSAGE.test(words) || (OF_MINE.test(words) && !WRITER_OR_DATA.test(words));
}

/** A request that is unneeded or regretted is none: `no need to remove me`, `removing me would be a mistake`. */
export const TURNED_AROUND = new RegExp(
  ` (?:${[
    'no (?:need|reason|point|cause)|(?:not|isnt|arent) (?:necessary|needed|required)|unnecessary|neednt|need not|(?:do not|dont|doesnt|did not|didnt|never) (?:have to|need to|ask|asked|mean to|want you to|wish you to|have you)|(?:be|is|was) (?:such )?(?:a |an )?(?:big |huge |real )?(?:mistake|error|shame|pity|wrong|sad|silly|foolish|pointless|bad idea)|(?:hate|sorry|sad) (?:to|for you|it if|if you)|why (?:would|should|did|do) (?:you|i|we)|undo|revert|reverse|disregard|ignore|ruckgangig|ignorieren|annulez|ignorez|anulen|ignoren|annullate|ignorate|ignorem|ongedaan|negeer|angra|ignorera|cofnij\\w*|(?:rather|instead of|without|than|before) (?:unsub|remov|delet|tak|opt)\\w*',
    '(?:nicht|un)(?: ?notig| erforderlich| notwendig)|kein(?:en|e)? (?:grund|notwendigkeit|anlass|sinn)|(?:brauch\\w*|muss\\w*) (?:sie |ihr |du )?(?:(?:mich|uns|meine \\w+) )?(?:\\w+ ){0,4}nicht|(?:ware|wars|ist) (?:ja |doch |sehr |wirklich )?(?:ein |eine )?(?:grosser )?(?:fehler|schade|falsch|dumm|unsinn|verkehrt)|warum (?:sollten|wollen|haben) sie|auf keinen fall|keinesfalls|bloss nicht|ja nicht|surtout|dare|statt (?:mich|uns)',
    'inutile|pas (?:la peine|besoin|necessaire|utile|question)|(?:pas de|aucune) raison|(?:serait|est) (?:bien |vraiment |tres )?(?:une |un )?(?:grave |grosse )?(?:erreur|dommage|bete|idiot|betise)|(?:n avez|n as) pas (?:a|besoin)|au lieu de (?:me|nous)|pourquoi (?:me|nous)',
    'no (?:hace falta|es necesario|es preciso|tiene[ns]? que|teneis que|hay (?:motivo|razon|necesidad|por que)|necesit\\w+)|innecesario|(?:seria|es) (?:un|una) (?:gran |grave )?(?:error|lastima|pena|tonteria|equivocacion)|en vez de|en lugar de|por que (?:me|nos)',
    'non (?:serve|occorre|ce bisogno|c e (?:bisogno|motivo|ragione)|e (?:necessario|il caso)|dovete|deve|devi)|nessun (?:bisogno|motivo)|(?:sarebbe|e) (?:un |uno |una )?(?:grave |grosso )?(?:errore|sbaglio|peccato)|invece di|perche (?:mi|ci)',
    'nao (?:e (?:preciso|necessario)|ha (?:necessidade|motivo|razao)|precisa\\w*|tem de|tem que|e caso)|escusa\\w*|desnecessario|(?:seria|e) (?:um|uma) (?:grande )?(?:erro|pena|asneira|pecado)|em vez de|porque (?:me|nos)',
    'niet nodig|geen (?:reden|noodzaak)|hoe(?:ft|ven|f) (?:\\w+ ){0,4}niet|(?:zou|is) (?:\\w+ )?(?:een )?(?:grote )?(?:fout|jammer|zonde|vergissing)|in plaats van (?:mij|me|ons)|onnodig',
    'behover (?:\\w+ ){0,2}inte|(?:inte|ej) nodvandigt|onodigt|ingen anledning|(?:vore|ar|skulle vara) (?:ju )?(?:ett |en )?(?:stort )?(?:misstag|synd|fel|dumt)|i stallet for att',
    'nie (?:trzeba|mus\\w+|ma (?:potrzeby|powodu|sensu))|niepotrzebn\\w+|zbedn\\w+|(?:bylob[yo]|bylby|bylaby|jest) (?:\\w+ )?(?:bledem|pomylka|szkoda)|bledem|szkoda|zamiast',
  ].join('|')}) `,
);

/** Limits in time or in form: the messages may go on at another time, or without that. */
const HOURS =
  '(?:week ?end\\w{0,3}|nights?|evenings?|mornings?|afternoons?|holidays?|vacation|office hours|working hours|business hours|work hours|after hours|lunch|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|today|tomorrow|tonight|o clock|am|pm|\\d+ ?(?:am|pm|h|uhr|uur)|wochenenden?|nachts|nacht|abends?|morgens|vormittags|nachmittags|feiertag\\w*|feierabend|uhr|heute|morgen fruh|urlaub|(?:mon|diens|donners|frei|sams|sonn)tags?|mittwochs?|nuit|soirs?|soiree|matin|jours? feries?|heures|vacances|aujourd hui|demain|lundis?|mardis?|mercredis?|jeudis?|vendredis?|samedis?|dimanches?|fin(?:es)? de semana|noches?|tardes?|madrugada|festivos?|vacaciones|hoy|manana|lunes|martes|miercoles|jueves|viernes|sabados?|domingos?|fine settimana|notte|sera|mattina|pomeriggio|festivi|ferie|oggi|domani|lunedi|martedi|mercoledi|giovedi|venerdi|sabato|domenica|fi(?:m|ns) de semana|noites?|manha|feriados?|ferias|hoje|amanha|segundas?|tercas?|quartas?|quintas?|sextas?|weekeinde|s nachts|s avonds|s ochtends|avonds|uur|vakantie|vandaag|maandag\\w*|dinsdag\\w*|woensdag\\w*|donderdag\\w*|vrijdag\\w*|zaterdag\\w*|zondag\\w*|helg\\w*|natten|natter|kvall\\w*|klockan|semester\\w*|idag|mandag\\w*|tisdag\\w*|onsdag\\w*|torsdag\\w*|fredag\\w*|lordag\\w*|sondag\\w*|noc\\w?|wieczor\\w*|rano|godzin\\w*|swieta|swiet\\w*|urlop\\w*|dzisiaj|jutro|poniedzial\\w*|wtor\\w*|srod\\w*|czwart\\w*|piat\\w*|sobot\\w*|niedziel\\w*)';
const WITHIN =
  '(?:on|at|in|during|over|after|before|while|only|except|am|an|im|nach|vor|wahrend|uber|ausser|nur|le|la|les|l|pendant|apres|avant|durant|sauf|los|las|el|por|de|durante|despues|antes|excepto|nel|nei|nella|di|il|dopo|prima|durante|tranne|a|ao|aos|as|depois|no|nos|aan|op|s|tijdens|na|voor|pa|under|efter|fore|utom|w|we|po|przed|podczas|oprocz|z)';
const FORMS =
  '(?:pdfs?|attachments?|word|excel|powerpoint|spreadsheets?|zip|html|gifs?|images?|pictures?|videos?|links?|calendar|invites?|invitations?|large|huge|big|long|voice|sms|texts?|faxes?|letters?|paper|anhange|anlagen|einladungen|kalender\\w*|grosse[nr]?|lange[nr]?|bilder|dateien|briefe|pieces jointes|fichiers joints|invitations|images|lourds?|longs?|adjuntos?|imagenes|invitaciones|largos?|pesados?|allegati|inviti|immagini|lunghe|pesanti|anexos?|convites?|imagens|longos?|bijlag\\w*|uitnodigingen|afbeeldingen|lange|bilagor|inbjudningar|bilder|langa|zalaczniki\\w*|zalacznikow|zaproszen\\w*|obrazk\\w*|dlugich)';
const LIMITED = new RegExp(
  ` (?:${WITHIN}) (?:(?:the|my|our|your|public|bank|dem|der|den|die|das|meine[nms]?|mes|mon|ma|les|le|la|los|las|el|mis|il|le|i|gli|o|a|os|as|het|mijn|de|min|den|die) ){0,2}${HOURS} | ${HOURS} (?:nicht|keine|inte|niet|geen|nie) | ${FORMS} | (?:receive|get|newsletter|e?mails?|it|them|everything|the same|erhalten|bekommen|alles|recevoir|tout|recibir|todo|ricevere|tutto|receber|tudo|ontvangen|alles|fa|allt|dostawac|wszystko) (?:twice|double|doppelt|deux fois|dos veces|due volte|duas vezes|dubbel|tweemaal|tva ganger|dwa razy|dwukrotnie) | (?:at|on|under|to|unter|auf|an|a|au|al|en|no|para|op|naar|pa|till|na|pod) (?:[^ ]+ ){0,2}(?:number|nummer|numero|telefoonnummer|telefonnummer|numer|rufnummer) $`,
);

/** Whether the request is limited to hours of the day, or to a kind of message. */
export function isLimited(words: string): boolean {
  return LIMITED.test(words);
}

/** A line of links, which gateways and newsletters have. With its punctuation. */
export const MENU = / [|\u00b7\u2022] |\bview (?:in|this)\b.{0,20}browser|manage (?:your )?preferences/;

/** Taken back with a smile. With its punctuation. */
export const JOKING =
  /(?<!\p{L})(?:jk|(?:just |only )?(?:kidding|joking|teasing)|(?:a|my) joke|lol|ha(?:ha)+|hihi|(?:nur (?:ein )?)?(?:spass|scherz|witz)|(?:je )?(?:plaisante|rigole|blague)|broma|bromeo|jaja|scherzo|scherzavo|brincadeira|a brincar|brincando|kkk+|grapje|geintje|skamt\p{L}*|skojar|zart\p{L}*|zartuje)(?!\p{L})|(?<!\S);-?[)pd](?!\S)|[\u{1f602}\u{1f609}\u{1f61c}\u{1f61d}\u{1f923}\u{1f643}]/u;

/** Someone else's words follow. With its punctuation. */
export const REPORTS_SPEECH =
  /(?<!(?:^|[^\p{L}])(?:i|we|i've|we've|ich|wir|ik|wij|jag|vi|je|nous avons)(?: [^ ]{1,20}){0,3})(?:^|[^\p{L}])(?:wrote|writes|said|says|asked|replied|answered|told|put it|schrieb|schreibt|sagte?|meinte?|antwortete|(?:a|ont) (?:ecrit|dit|repondu)|ecrit|escrib(?:io|e|ieron)|dijo|dice|respondio|(?:ha|hanno) (?:scritto|detto|risposto)|scrive|escreve(?:u|ram)?|disse|respondeu|schreef|schrijft|zei|zegt|antwoordde|skrev|skriver|sa|sade|svarade|napisal[aio]?|pisze|powiedzial[a]?)(?: [^:\n]{1,40})? ?: ?["']?(?:$|\n| )/u;

const ME =
  '(?:me|us|mir|uns|mich|(?:a )?(?:mi|nosotros)|moi|nous|a me|para mim|mij|ons|mig|oss|do mnie|mnie|nas)';
/**
 * Another way to reach the writer: a new address, the phone, or a request to write. Folded, with its punctuation. A line that
 * is only an address may be a signature.
 */
export const OTHER_WAY =
  /(?<!\p{L})(?:(?:use|try|text|phone|call|ring|whatsapp|ping|dm|message|email|mail|write(?: to)?|contact|reach|send (?:it|them|everything|all) to) (?:me|us|my|our|the (?:new|other)|@|this)|(?:my|the|our) (?:new|other|personal|private|correct|right|current|mobile|cell|phone|one)|new (?:one|address|e-?mail)|moved to|changed to|is (?:faster|better|easier)|whatsapp|linkedin|telegram|slack|teams|instead|(?:by |the |per |am |au |par |por |al |ao |via )(?:tele)?(?:phone|fon|fono|foon)|telefonier\p{L}*|(?:i|we) prefer|lieber|prefere|prefiero|preferisco|prefiro|liever|hellre|wole|phone (?:is|works)|(?:my|own) (?:mobile|cell|phone)|handy|nutzen sie|benutzen sie|verwenden sie|nehmen sie (?:die|bitte die|lieber)|(?:schreiben|schicken|senden|mailen|rufen) sie (?:bitte |es |alles )?(?:mir|uns|mich|an|nur)(?! nicht| keine)|die (?:neue|andere|richtige)|neue adresse|ist besser|lautet|utilisez|ecrivez(?:-| )?(?:moi|nous)|appelez|la (?:nouvelle|bonne)|mon (?:portable|nouveau)|nouvelle (?:adresse|est)|usen?|utilicen?|escriban?me|escriba(?:n)? a|llamen?me|el (?:nuevo|correcto)|la (?:nueva|correcta)|mi (?:movil|celular|nuev[oa])|usate|usi|utilizzate|scrivetemi|scrivimi|chiamatemi|il (?:nuovo|mio)|quello (?:nuovo|giusto)|usem|utilizem|escrevam(?:-me)?|liguem(?:-me)?|o (?:novo|meu novo|correto)|gebruik|mail me|bel me|app me|mijn nieuwe?|het (?:nieuwe|juiste)|anvand|skriv till|ring mig|min nya|mitt nya|den nya|uzywajcie|prosze (?:uzywac|pisac na|dzwonic)|nowy (?:adres|to)|moj nowy)(?!\p{L})/u;
const POSITIVE = new RegExp(
  `^ (?:(?:please|bitte|just|but|and|and then|por favor|per favore|graag|prosze|sondern|pero|ma|mas|maar|men|ale) ){0,2}(?:(?:email|mail|write to|write|contact|call|text|send(?: it| them)? to|ask|use|try|ping|phone) (?:me|us|my|our|the|@|him|her|them)|(?:schreiben|schicken|senden|mailen|kontaktieren|fragen|nehmen|nutzen) sie(?: bitte| es| nur)? ${ME}|(?:ecrivez|envoyez|contactez|appelez) ${ME}|(?:escrib|envi|contact|llam)\\w+ (?:a )?(?:mi|me|nosotros)|(?:escriban|escriba|escribid)me\\w*(?: a mi)?|(?:scriv|mand|contatt|chiam)\\w+(?:mi|ci|te mi)(?: a me)?|(?:escrev|envi|contact|lig)\\w+ (?:me|nos|a mim|para mim)|(?:schrijf|mail|stuur|bel) ${ME}|(?:skriv|mejla|maila|ring)(?: till)? ${ME}|(?:piszcie|napiszcie|prosze pisac) (?:do )?(?:mnie|nas)) `,
);

/** A clause that asks for messages: `stop emailing Bob, email me`. */
export function asksToWrite(clause: string): boolean {
  return POSITIVE.test(clause);
}

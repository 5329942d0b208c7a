/**
 * What a server's words say about a failure. Folded, so without accents, and with `@` for each address; the first list that
 * matches decides.
 */

/**
 * - `no_recipient`: the address or its domain does not exist, or was closed.
 * - `full`, `rate` (too much mail for now), `dns`, `unreachable` (or expired), `loop`: it may work another day.
 * - `message`: its size or content. `policy`: a filter, or a rule of the recipient's.
 * - `sender`: our address, server, or domain. `account`: our own server stopped our account.
 * - `unknown`: no rule knows the words.
 */
export type BounceCause =
  | ('no_recipient' | 'full' | 'rate' | 'dns' | 'unreachable' | 'loop')
  | ('message' | 'policy' | 'sender' | 'account' | 'unknown');

function words(source: string): RegExp {
  return new RegExp(source.trim().replace(/\s*\n\s*/g, '|'));
}

/** Names of what does not exist. */
const WHO = `(?:user|recipient|mailbox|mail box|account|address(?:ee)?|alias|person|inbox|local[- ]part|e-?mail (?:address|account))s?`;
/** Between both: not a server, and not something of the sender. */
const GAP = String.raw`(?:(?!server|host\b|system|service|temporar|sender|message|content|currently)[^.;:]){0,60}?`;
const GONE = `(?:not found|unknown(?! sender)|invalid(?! sender)|inexistent|non-?existent|(?:is |was |has been |been )?(?:permanently )?(?:deactivated|terminated|deleted|closed|removed|disabled|inactive|expired)|(?:do|does|did)(?: not|nt|n't) exist|not exist|no longer (?:exists?|available|valid|active|in use|on (?:this )?server)|retired|decommissioned|defunct|abandoned|archived|(?:do|does)(?: not|n't) match any|(?:is )?not in use|discontinued|withdrawn|cancell?ed|shut down|not present|is not (?:a )?(?:valid|active|known|listed|registered)|not (?:a )?known|could(?: not|n't) be found|(?:was|is)(?: not|n't) found)`;

/** The same in the other languages. */
const WHO_ELSEWHERE = `(?:benutzer|empfanger|postfach|adres|konto|account|mailbox|e-?mailadres|utilisateur|destinataire|boite|compte|usuari[oa]|destinatari|buzon|casilla|cuenta|direccion|utente|casella|indirizz|utilizador|caixa|\\bcontas?\\b|endereco|gebruiker|ontvanger|postvak|anvandare|mottagare|brevlad|uzytkowni|odbiorc|skrzynk|пользовател|получател|адрес|ящик|аккаунт|учетн|учётн)`;
const GAP_ELSEWHERE =
  '(?:(?!server|serveur|servidor|serwer|сервер|domain|domein|doman|dominio|domen|voruber|temporar|temporan|temporal|provisoir|moment|tijdelijk|tillfall|tymczas|chwilow|врем)[^.;:]){0,60}?';
const GONE_ELSEWHERE = `(?:nicht (?:mehr )?(?:vorhanden|gefunden|gultig|aktiv)|ungultig|geloscht|deaktiviert|geschlossen|introuvable|n'existe plus|n'est plus (?:valide|acti|utilis)|supprime|desactive|invalide|no (?:se |ha sido |fue )?encontr|ya no esta (?:activ|disponib)|no (?:es )?valid|eliminad|rimoss|desactivad|cerrad[oa]|dad[oa] de baja|invalid[oa]|non (?:e |e stat[oa] )?(?:trovat|valid)|non (?:e )?piu (?:attiv|valid|esist)|disattivat|chius[oa]|eliminat|nao (?:foi |esta )?(?:encontrad|localizad)|encerrad|desativad|excluid|removid|niet (?:meer )?(?:gevonden|actief|geldig|in gebruik)|bestaat niet|onbekend|opgeheven|verwijderd|gesloten|ongeldig|hittades (?:inte|ej)|kunde (?:inte|ej) hittas|finns (?:inte|ej)|avslutat|avslutad|borttag|tagits bort|ogiltig|okan[dt]|nie (?:zostal[aoy]? )?znalezion|nieznan|nie istniej|usuniet|zamkniet|nieprawidlow|nieaktywn|не (?:был[аои]? )?найден|не существует|неизвест|удал[её]н|закрыт|недействител)`;
const NONE_ELSEWHERE =
  "(?:kein(?:e[nr]?)?|pas (?:de |d')|aucune?|ningun[oa]?|nessun[oa]?|nenhuma?|(?:nao ha|nao existe|no hay|no existe)(?: un| uma?| una| esse| ese)?|geen|ingen|inget|zadn\\w{1,4})";

/** Our own provider speaks about our account. */
const ACCOUNT = words(`
  (?:daily |hourly |user )?sending (?:limit|quota|threshold)s? (?:has been |was )?exceeded
  exceeded (?:its|your|the)[^.]{0,20} (?:sending|outbound) (?:limit|quota|threshold)
  bad outbound sender
  submission quota|daily message quota|daily limit for message recipients|smtp relay limit exceeded|reached (?:a|your|the) (?:daily )?limit for sending
  exceeded your (?:daily|hourly)
  tenant has exceeded
  spam abuse detected from the sending account
  sending account has been (?:banned|suspended)
  unusual sending activity
  sender is not allowed to relay emails
  exceeded the max (?:defers|emails) (?:and failures )?per hour
  is not allowed to send
  email address is not verified
  address that does(?: not|n't) belong to your mailbox
  not owned by user
  client not authenticated to send
  (?<![\\d.])5\\.7\\.(?:57|70[58]|750|501|502|503)(?!\\d)
  (?<![\\d.])5\\.(?:4\\.5|1\\.90)(?!\\d)`);

/** Our address, server, or domain, named as such. */
const SENDER = words(`
  senders?(?:'s)? (?:e-?mail )?(?:address|domain|verify|verification|callout|callback|host|ip)[^.;:]{0,60}(?:reject|denied|refus|not allowed|unknown|not found|does not|doesn't|do not|invalid|block|fail|undeliverable|not exist|has no)
  sender (?:was |is )?(?:rejected|blocked|denied|refused|unauthenticated|not authenticated|not authorized)
  verification failed for
  while verifying
  domain of (?:the )?sender
  of the sender's domain
  sending (?:ip|domain)
  mail from [^ ]{1,80} (?:refused|rejected|blocked|denied)
  (?:return[- ]path|envelope[- ]from|from[- ]address)[^.;:]{0,40}(?:reject|not found|does not|invalid|denied)
  turn on smtp auth
  relay(?:ing)? (?:access )?(?:denied|not permitted|not allowed|prohibited)
  (?:not permitted|unable) to relay|do(?:es)? not relay|don't relay
  allowed rcpthosts`);

const TO_SENDER =
  '(?<!(?:return(?:ed|ing)?|back|notif(?:y|ied)|inform(?:ed)?|ask) (?:it )?(?:to )?(?:the )?|to (?:the |its )?(?:original )?)';
/**
 * Words about us in nine languages: the sender, its account, or a refusal of its login. Beside them `unknown` says nothing
 * about the recipient.
 */
export const ABOUT_US = words(`
  ${TO_SENDER}\\bsenders?\\b(?!(?:'s)? (?:sent|message|must|should|may|can|tried)|(?: address| email)?: ?@)
  (?:invalid|unknown|bad) sender|\\bsending (?:user|account|mailbox|address|domain|host|ip)|(?:account|user|mailbox|address|domain)(?: that)? (?:you are |you're |you )?(?:sending|sen[dt] (?:from|with)|used to)|sending from|(?:for|from) sending|(?:cannot|not allowed to|may not) send|outgoing mail
  originat(?:or|ing)|message author|(?:return|reverse)[- ]?path|(?:return|bounce) address|envelope[- ]from|reply-to|(?:header|in reply to|after|for) (?:pipelined )?mail from|(?<!>>> )mail from:? (?!<|@)
  from:? (?:header|address)|header from|in header|we do not know you
  authent|autent|аутентиф|авториз|uwierzytel|anmeldung (?:fehl|nicht)|credentials|identifiants|inicio de sesion|kennwort|passwor[dt]|mot de passe|contrasena|(?:user ?name|log-?in) and password|your login
  (?<![\\d.])53[045](?=[ -])
  \\byour (?:own |from |smtp |e-?mail )?(?:account|mailbox|address(?! book)|login|ip)\\b
  \\bspf\\b|dkim|dmarc|dnsbl|block ?list|black ?list|allow(?:ed)? ?list|white ?list|attachment type
  (?<!\\b(?:an(?: den)?|dem|a l'|al|ao|naar(?: de)?|aan(?: de)?|till) ?)(?:absender|expediteur|remitente|mittente|remetente|afzender|avsandar|emetteur|expedition|von-adress)|d[ie] (?:orig(?:en|ine|em)|envio)|(?:for|of|to|wegen|pour|por|per|voor|za) (?:(?:sending|envoi de|enviar|envio de|invio di) )?(?:spam|abuse|abuso?|missbrauch|misbruik)|(?<!\\bdo )nadawc|отправител(?!ю)
  \\bihr(?:e|es|em)? (?:e-?mail-?)?(?:konto|account|zugang|postfach|adresse)|\\bvotre (?:compte|adresse|boite)|\\bsu (?:cuenta|direccion)|\\b(?:tuo|suo|vostro) account|\\bsua conta|\\bseu endereco|\\b(?:uw|je|jouw) (?:account|mailbox|adres)|\\b(?:ditt konto|din adress)|\\b(?:twoj|panstwa) ?\\w{0,3} (?:konto|adres|skrzynk)|ваш[аеу]? (?:аккаунт|ящик|адрес|уч)
  (?<!(?:退回|返回|退还|退還|通知|回复)(?:给|給|至|到)?)(?:送信者|送信元|差出人|発信者|发件人|發件人|寄件者|寄件人|发信人|보낸 ?사람|발신자)(?!に|へ|에게)`);

/** A part of our message, our domain, or the senders that the recipient allows: `unknown` is said of that. */
export const ABOUT_MESSAGE = words(`
  \\b(?:link|url|hyperlink|href)s?\\b[^.;:]{0,60}(?:domain|\\bhost|address|exist|points|refers)|list-unsubscribe(?!:)|unsubscribe (?:address|mailbox|link|header)|(?:your|the|in) message-id(?!:)
  \\byou (?:are|were)(?: not|n't) |\\byou aren't|\\bsie sind (?:kein|nicht)|vous n'etes pas|\\busted no es|\\bu bent (?:geen|niet)|\\blei non e|\\bvoce nao e|\\bdu ar inte|\\bnie jestes
  \\b(?:your|our|ihre?|eure|votre|su|tu|(?:la |il )?(?:sua|suo|tuo|vostro|vostra)|seu|vosso|uw|jullie|din|er|twoja|panstwa|wasza) (?:domain|hostname|host name|domaine|dominio|domein|doman|domena)\\b
  (?:allowed|approved|safe|trusted|accepted) (?:contacts?|senders?)|(?:contact|sender) list|recipient's (?:contacts|address book)|your (?:contacts|address book)
  user authenticated|attachment (?:address|list|name)`);

/** A refusal by policy, beside which `no valid recipient` says nothing about the address. */
export const BY_POLICY =
  /(?:by|due to|because of|per|under) (?:(?:our|your|the|a|local|site|security|mail|company|administrative|recipient|organi[sz]ation\w*) ){0,3}polic(?:y|ies)|(?:par|durch|wegen|por|dall[ae]|della|da|pela|door|av|przez|von)(?: (?:la|die|der|eine|una|las|le|a|het|ons|naszej))?(?: \w+)? (?:politique|politica|richtlinien?|policy|beleid|policyn?|polityk\w*)|politica (?:local|locale)|por politica/;

/** Only for a time. `Not a temporary error` is the opposite. */
export const FOR_A_TIME =
  /(?<!(?:not|no|nicht|kein\w*|pas|non|nao|niet|inte|nie)(?: an?| une?| un[ao]?| um|)? )(?:\btemporar(?:ily|y)|vorubergehend|\btemporar\b|temporairement|provisoirement|temporalmente|\btemporal\b|provisionalmente|temporaneament|provvisoriament|temporariament|provisoriament|tijdelijk|tillfallig|tymczasow|chwilow|временно|for now\b|\bcurrently\b|at the moment|derzeit|momentan|zurzeit|zur zeit|actuellement|pour l'instant|actualmente|por ahora|attualmente|al momento|no momento|atualmente|op dit moment|for tillfallet|just nu|obecnie)/;

/** The server could not look the address up, so that its `unknown` means nothing. */
export const LOOKUP_BROKEN = words(`
  (?:unable to|can ?not|can't|could not|couldn't|failed to|failure|error|impossible (?:de|to)) ?(?:read|open|access|query|contact|reach|connect|verify|check|opening|reading|look)\\w*[^.;:]{0,40}(?:alias|database|ldap|director|\\bmap\\b|table|passwd|recipient|mailbox|user|/etc)
  (?:alias|user|recipient|account|lookup)?[ -]?(?:file|database|ldap|directory|table|\\bmap\\b|service|backend|\\bdb\\b)(?: server| service)?(?: is| was| has)? ?(?:currently )?(?:unavailable|unreachable|down|offline|not (?:available|reachable|responding)|could not be (?:opened|read|reached|queried)|timed? ?out|timeout)
  ldap[^.;:]{0,30}(?:fail|error)
  (?:could not|cannot|can't|couldn't) be (?:verified|checked|looked up)
  (?:datenbank|verzeichnis\\w*|base(?: de\\w*)?(?: \\w+)?|annuaire|directorio|elenco|diretorio|databas\\w*|katalog\\w*|baza)(?: \\w+){0,2} (?:nicht (?:erreichbar|verfugbar)|indisponible|injoignable|no disponible|non disponibile|indisponivel|niet (?:beschikbaar|bereikbaar)|inte tillganglig\\w*|niedostepn\\w*)`);

/** Our server, in words that a refusal of a recipient may have beside others. */
const OURS = words(`
  \\b(?:helo|ehlo)\\b
  client host
  your (?:ip|host|server|mail server|domain)\\b
  reverse dns|\\bptr\\b|generic dns
  originating from your ip`);

/** Many unknown recipients are about us, not about this one. */
const HARVEST =
  /(?:too many|excessive(?: number of)?|(?:maximum |allowed )?number of|limit (?:of|on|for)|many) (?:invalid|unknown|bad|non-?existent)|directory harvest|dictionary attack/;

/** The address does not exist, in words that mean nothing else. */
const NO_RECIPIENT = words(`
  (?:user|recipient|mailbox|address|account) unknown
  unknown (?:or illegal )?(?:user|recipient|mailbox|address|alias|account|local[- ]part)
  no such (?:user|recipient|mailbox|address|person|account)
  no mailbox (?:here )?by that name
  \\b${WHO}\\b${GAP} ${GONE}\\b
  ${WHO_ELSEWHERE}${GAP_ELSEWHERE}${GONE_ELSEWHERE}
  ${GONE_ELSEWHERE}${GAP_ELSEWHERE}${WHO_ELSEWHERE}
  is(?: not|n't) among our (?:users|customers)|(?:there is no|no) (?:such |valid )?(?:user|mailbox|account|recipient|address)|unknown destination|no(?: such)? ?\\w{1,20} (?:here )?by that name|works? here any ?(?:longer|more)|left (?:the|our) (?:company|organi[sz]ation)
  ${NONE_ELSEWHERE}[ ]?(?:(?:solch|tel|tal|dergelijk|sadan|takie|takij)\\w{0,3} )?${WHO_ELSEWHERE}
  ${WHO_ELSEWHERE}\\w{0,4} (?:gibt es (?:bei uns |hier )?nicht|нет)|brak takie|нет так|так(?:ого|ой) ${WHO_ELSEWHERE}
  e-?mail account that you tried to reach (?:does not exist|is disabled|is inactive)
  @:? (?:is )?${GONE}
  (?:invalid|bad|not a valid|not a known|unrecognized|illegal) (?:recipient|mailbox|address|user|account|alias)
  is not a valid (?:mailbox|recipient|user|address)
  recipnotfound|recipientnotfound
  (?:does not|doesn't) have an? [^ ]{1,60} account
  not in my validrcptto
  previously bounced address
  history of bouncing as an invalid address
  recent(?:ly)? hard bounce
  address no longer accepts mail
  (?:wasn't|was not|couldn't be|could not be) found (?:at|in)
  nullmx|null mx|does not accept (?:any )?mail \\(
  unrouteable address|unroutable address
  domain no longer exists
  user is terminated|(?:user|recipient) (?:is )?not local
  due to inactivity|inactive (?:e-?mail|user|recipient|mailbox|account|address)
  no longer (?:accept(?:s|ing)|with (?:us|the company)|employed|works)|undeliverable address: (?:unknown|no such|host [^ ]{1,255} said: 550 5\\.1\\.1)
  account is disabled
  mailbox (?:is )?(?:disabled|closed)
  as\\(2018\\d{5}\\)|5\\.4\\.1 .{0,60}recipient address(?:es)? rejected ?: access denied
  unbekannt(?!er (?:fehler|grund|status))|existiert nicht|nicht bekannt|konnte nicht gefunden|konto wurde geloscht
  n'existe pas|inconnue?s?\\b|non esiste|sconosciut[oa]|inesistente|no existe|desconocid[oa]|fue eliminad[oa]|nao existe|desconhecido|inexistente
  nie ma takiego|nie istnieje|nieznany (?:uzytkownik|adres)|bestaat niet|onbekende? (?:gebruiker|ontvanger)|finns inte|okand (?:mottagare|anvandare)|findes ikke|ei ole olemassa|neexistuje|nem letezik
  не найден|не существует|неизвестный (?:пользователь|получатель)|заблокирован владельцем
  存在しません|見つかりません|不存在|存在しない|없는 (?:사용자|주소)`);

/** The words beside the address that a server does not know. */
export const NAMES_NO_RECIPIENT = NO_RECIPIENT;

/** Rejections that are about the recipient unless something else is named. */
const RECIPIENT_REJECTED = words(`
  address rejected
  recipient rejected
  rejected recipient
  mailbox unavailable
  account (?:is )?not available
  invalid recipients?
  mailbox name (?:not allowed|invalid)
  mail to this (?:user|address) is not accepted
  unknown to address
  has moved`);

const FULL = words(`
  quota
  (?:mailbox|mail box|inbox|mailfolder|maildir|account|disk) (?:for (?:this )?user )?(?:is |was )?(?:almost )?full
  mailbox[^.;]{0,30} full
  over ?quota|overquota
  (?:exceed(?:s|ed)?|exceeding)[^.;]{0,30} (?:storage|allocation|mailbox size|space)
  mailbox size limit
  (?:insufficient|out of|not enough) (?:system |disk )?(?:storage|space)
  (?:over|beyond|above|out of|exceed\\w*) (?:the |its |his |their )?(?:allowed |allotted |allocated |permitted |assigned )?(?:disk|storage|mail|mailbox) ?(?:space|usage|limit|allowance)
  cota (?:de [^.;]{1,30} )?(?:foi |esta )?(?:excedid|esgotad|ultrapassad|atingid)|(?:excede\\w*|ultrapass\\w*|sobre|acima d)[^.;]{0,20} cota\\b|cuota (?:de [^.;]{1,30} )?(?:ha sido |fue |esta )?(?:excedid|superad|agotad)|(?:excede\\w*|super\\w*|sobrepas\\w*)[^.;]{0,20} cuota
  storage (?:space|limit)
  disk full
  \\bvoll\\b|speicherlimit|speicherplatz|ubervoll|\\bpleine\\b|\\bllen[oa]\\b|\\bpien[oa]\\b|\\bcheia\\b|jest pelna|przepelnion|postvak vol|is vol\\b|ar full\\b
  переполнен|недостаточно места|превышен(?:а)? квот|容量|已满`);

const RATE = words(`
  receiving mail (?:at a rate|too quickly)
  rate (?:limit|control)
  rate[- ]limited
  too many (?:concurrent |simultaneous )?(?:connections|messages|smtp|sessions|recipients)
  exceeded their limit for the number of messages
  gr[ea]ylist
  come back (?:in|later)
  slow down
  temporarily deferred
  throttl
  unexpected volume`);

const DNS = words(`
  dns error|dns quer|dns lookup|dns domain|lookup dns|\\bdns\\b[^.;]{0,40}(?:fail|not exist|nxdomain|servfail)
  nxdomain|servfail|enotfound
  name service error|name server:|name or service not known
  host (?:or domain name )?(?:not found|unknown)
  unknown host
  couldn't find (?:any host|a mail exchanger)
  domain (?:name )?(?:not found|couldn't be found|could not be found|does not exist)
  no mx\\b|mx record|mx info|\\bmx records? (?:not found|point)
  non-existent hosts
  cname lookup
  unable to (?:resolve|route)
  no smtp service
  unrouteable mail domain`);

const UNREACHABLE = words(`
  timed? ?out|timeout|zeituberschreitung
  connection (?:refused|reset|died|lost|dropped)|lost connection|refused to accept a connection
  no route to host|network (?:is )?unreachable
  could not be reached|did not (?:respond|accept our requests to connect)|nicht erreichbar
  failing for a long time
  retry (?:time|timeout)
  expired|too old|in the queue too long|not be delivered for \\d
  not (?:currently )?available (?:right now|at the moment|now|for the moment)|currently (?:not available|unavailable)|momentan nicht|derzeit nicht
  (?:ldap|directory|database|lookup|server|service|backend|\\bdb\\b) (?:server |service |is |was )*(?:unavailable|down|not available|not reachable|failure|failed|error)|(?:user|recipient|address|mailbox|account|alias) (?:look-?up|query) (?:has )?(?:failed|failure|error|timed)|(?:failed|unable) to look ?up
  temporar|try(?:ing)? (?:again|later)|try to resend|at this time|resend(?:ing)? (?:this|your) message later|come back later|isn't accepting messages now
  wasn't able to establish an smtp connection
  dialing remote`);

const LOOP = words(`
  loops? back|mail loop|too many hops|hop count|exceeded \\d+ hops|routing loop
  points? to local host|best-preference mx`);

const MESSAGE = words(`
  message (?:size|is too (?:large|big|long)|too (?:large|big|long)|larger|is larger|exceeds)
  too large|size limit|sizelimit|databytes
  virus|malware|attachment|security issue
  content (?:reject|filter|denied)|unacceptable content`);

const POLICY = words(`
  spam|junk ?mail|unsolicited|bulk mail|pourriel|spammy
  block(?:ed|ing|list| list)|black ?(?:list|hole)|deny ?list|dnsbl|\\brbl\\b|\\bdbl\\b|spamhaus|sorbs|barracuda reputation
  polic(?:y|ies)|politique|politica|richtlinie
  \\bspf\\b|sender policy framework|dkim|dmarc|unauthenticated|authentication|authrequired
  reputation|complaint
  not (?:authorized|authorised|permitted|allowed)|unauthorized|notauthorized|restricted|only accepts messages|prohibited|prohibition
  access denied|denied access|permission|anti-?spoofing
  not delivering to a user
  messages from \\[?\\d
  abgewiesen|abgelehnt|refuse\\b|rechazado|respinto`);

/** Which list wins: clear words about us or the address before hints, and hints before codes. */
export const ORDER: readonly (readonly [BounceCause, RegExp])[] = [
  ['account', ACCOUNT],
  ['sender', HARVEST],
  ['sender', SENDER],
  ['dns', DNS],
  ['full', FULL],
  ['no_recipient', NO_RECIPIENT],
  ['rate', RATE],
  ['sender', OURS],
  ['loop', LOOP],
  ['message', MESSAGE],
  ['policy', POLICY],
  ['unreachable', UNREACHABLE],
  ['no_recipient', RECIPIENT_REJECTED],
];

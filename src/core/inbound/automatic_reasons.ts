/** Whether an automatic reply says why it was sent. One that does not needs a person. */
import { ACKNOWLEDGED, AWAY_TEXT } from './automatic_phrases.ts';
import { has, listed, phrases } from './words.ts';

/** Words that only an absence has in an automatic reply. Folded; weaker than `AWAY_TEXT`, which tells machines from people. */
const ABSENT = phrases(
  listed(`back on|back in|be back|return on|returning|my return|our return|out until|out from|out today|out this week|out all
  vacation|holiday|holidays|conference|offline|traveling|travelling|absence|absent|sabbatical|maternity|paternity|parental
  offsite|off-site|public holiday|bank holiday|within 24 hours|within 48 hours|check email|check my email|part-time|part time|teilzeit
  temps partiel|tiempo parcial|tempo parziale|tempo parcial|deeltijd|deltid
  urlaub|abwesend|abwesenheit|ruckkehr|zuruck|wieder da|unterwegs|krank|elternzeit|betriebsferien|feiertag|feiertage
  retour|absence|absente|conges|vacances|deplacement|reviens|reviendrai|jour ferie|jours feries
  regreso|mi vuelta|ausencia|ausente|vacaciones|viaje|festivo|vuelvo|regresare|volvere
  rientro|ritorno|assenza|assente|ferie|vacanza|viaggio|tornero|chiusura
  regresso|retorno|ausencia|ferias|viagem|volto|feriado
  terug|afwezigheid|afwezig|vakantie|verlof|feestdag|feestdagen
  tillbaka|franvaro|franvarande|semester|ledig|helgdag
  powrot|wracam|wroce|nieobecnosc|nieobecna|nieobecny|urlop|urlopie|swieta|delegacji`),
);

/** A mailbox, and that it ends or has moved, near each other in one sentence. */
const MAILBOX =
  '(?:mail ?box|inbox|account|address|e-?mail|postfach|konto|\\p{L}*adresse|messagerie|boite|compte|buzon|cuenta|direccion|correo|casella|indirizzo|caixa|conta|endereco|postvak|adres|brevlada|adress|skrzynk\\p{L}*|kont[oa])';
const ENDED =
  "(?:closed|deactivated|deleted|disabled|shut down|discontinued|retired|decommissioned|changed|no longer|not in use|not monitored|unmonitored|unattended|not checked|geschlossen|deaktiviert|geloscht|abgeschaltet|geandert|nicht (?:mehr|uberwacht|gelesen)|fermee?|desactivee?|supprimee?|change|n'est (?:plus|pas)|cerrad[oa]|desactivad[oa]|eliminad[oa]|cambiado|ya no|no se lee|chius[oa]|disattivat[oa]|eliminat[oa]|cambiato|non (?:e |viene )?piu|non viene letta|encerrad[oa]|desativad[oa]|mudou|alterado|ja nao|nao e (?:mais|lid[oa])|gesloten|opgeheven|verwijderd|gewijzigd|veranderd|niet (?:meer|langer|gelezen)|stangs|stangd|avslutas|andrad|andrats|inte langre|lases inte|tas bort|zamkniet\\p{L}*|usuniet\\p{L}*|zmienil\\p{L}*|nieaktywn\\p{L}*|nie jest (?:juz|czytan\\p{L}*))";
const MOVED_MAILBOX = new RegExp(
  `(?<!\\p{L})(?:${MAILBOX}(?!\\p{L})[^.!?\\n]{0,60}?(?<!\\p{L})${ENDED}|(?:changed|changing) (?:my|our|the|its) (?:e-?mail )?address|(?:new|neue[rn]?|nouvelle|nueva|nuevo|nuovo|novo|nieuw|ny|nowy) (?:e-?mail|e-?mailadres|mail|address|\\p{L}*adresse|direccion|correo|indirizzo|endereco|adres|adress|e-?postadress))(?!\\p{L})`,
  'u',
);

/** A death, a person who does not return, or a company that refuses such mail. */
const FINAL =
  /(?<!\p{L})(?:passed away|passing of|has died|deceased|in memoriam|verstorben|gestorben|verschieden ist|(?:est|etait) decedee?|deces de|fallecid[oa]|fallecio|fallecimiento|decedut[oa]|e scompars[oa]|venut[oa] a mancare|faleceu|falecimento|overleden|avlidit|avliden|gatt bort|zmarl|zmarla|(?:not|won't|never) (?:be )?(?:return|returning|coming[ ]back|back)(?! (?:until|before|till))|(?:not|n't) (?:consent|accept|wish|want|receive|respond to) [^.!?\n]{0,30}(?:marketing|unsolicited|advertis\p{L}*|sales)|moved on (?:from|to)|retired)(?!\p{L})/u;

/** An end without a return: of the company, of the office, or of the person's part. */
const FOR_GOOD =
  /(?<!\p{L})(?:for good|for ever|forever|permanently|from now on|going forward|henceforth|clos(?:es|ed|ing) (?:its|our) doors|closing down|shut(?:ting)? down|wind(?:ing)? (?:up|down)|out of business|ceas(?:e|es|ed|ing) (?:trading|operations?|business|activit\p{L}*)|liquidat\p{L}*|insolven\p{L}*|bankrupt\p{L}*|dissolved|selling the company|will not return|endgultig|dauerhaft|fur immer|kunftig nur|ab sofort nur|ab jetzt|betrieb \p{L}* ?eingestellt|geschaftsaufgabe|aufgelost|konkurs|definitivement|pour toujours|desormais|dorenavant|cesse \p{L}+ activite|cessation d|faillite|dissoute|definitivamente|para siempre|a partir de ahora|de ahora en adelante|(?:cesado|cesa|cerrado) (?:nuestra|la|su) (?:actividad|empresa)|quiebra|disuelta|definitivamente|per sempre|d'ora in (?:poi|avanti)|cessat\p{L}* \p{L}*'?attivita|fallimento|fallita|sciolta|para sempre|a partir de agora|doravante|cess\p{L}* (?:a |as )?(?:nossas? )?atividades?|falencia|insolvencia|voorgoed|voor altijd|definitief|voortaan|vanaf nu|gestopt met (?:ons|het) bedrijf|opgeheven|faillissement|failliet|for gott|for alltid|permanent|hadanefter|fran och med nu|lagt? ner|lagger ner|upphort|konkursen|na stale|na zawsze|ostatecznie|od teraz|odtad|(?:zakonczy\p{L}*|konczymy) dzialalnosc\p{L}*|likwidacj\p{L}*|upadlosc\p{L}*)(?!\p{L})/u;

/** The law, or a refusal of such mail. */
const LEGAL =
  /(?<!\p{L})(?:(?:our|my|the) (?:lawyers?|attorneys?|solicitors?|counsel|legal)|legal (?:department|action|counsel|steps|team)|unsolicited|unerbeten\p{L}*|unverlangt\p{L}*|unerwunscht\p{L}*|abmahn\p{L}*|mahnen|(?:rechts)?anwalt\p{L}*|rechtsabteilung|rechtliche|avocat\p{L}*|service juridique|poursuites|non sollicite\p{L}*|indesirable\p{L}*|abogad\p{L}*|(?:departamento|servicio|asesoria) (?:legal|juridic\p{L}*)|no solicitad\p{L}*|avvocat\p{L}*|ufficio legale|legali|non richiest\p{L}*|indesiderat\p{L}*|advogad\p{L}*|departamento juridico|nao solicitad\p{L}*|advoca\p{L}*|juridische|ongevraagd\p{L}*|ongewenst\p{L}*|advokat\p{L}*|juridisk\p{L}*|oonskad\p{L}*|prawni\p{L}*|adwokat\p{L}*|dzial prawny|niechcian\p{L}*|niezamowion\p{L}*)(?!\p{L})/u;

/** Someone thinks about our message, so a person wrote. An absence may name a meeting too. */
const CONSIDERED =
  /(?<!\p{L})(?:board|committee|council|discuss\p{L}*|decid\p{L}*|decision|deliberat\p{L}*|consider\p{L}*|think|thinks|thought|my boss|our boss|ask my|talk to my|like it|expensive|vorstand\p{L}*|geschaftsfuhr\p{L}*|besprech\p{L}*|bespricht|beraten|entscheid\p{L}*|uberleg\p{L}*|teuer|conseil|comite|direction|en parlons|discut\p{L}*|deciderons|reflechi\p{L}*|cher|junta|consejo|comite|direccion general|decidi\p{L}*|comentar\p{L}*|valor\p{L}*|caro|consiglio|direttivo|parliamo|decid\p{L}*|valut\p{L}*|direcao|diretoria|reuniao|avaliar|bestuur\p{L}*|directie|bespreken|overleg\p{L}*|besluit\p{L}*|duur|styrelse\p{L}*|ledning\p{L}*|tar upp|diskuter\p{L}*|beslut\p{L}*|dyr|dyrt|zarzad\p{L}*|rad[ay]|omowi\p{L}*|zdecyd\p{L}*|decyzj\p{L}*|zastanow\p{L}*|drogi[e]?)(?!\p{L})/u;

/**
 * Whether the folded text says only an absence or a receipt. Not if it is empty, unless the subject names the absence;
 * not in words that no rule knows; and not if it also says that the mailbox ends, or that the person does not return.
 */
export function isExplained(
  text: string,
  { is_away_subject, return_date }: { is_away_subject: boolean; return_date: string | null },
): boolean {
  if (text.trim() === '') return is_away_subject || return_date !== null;
  const is_absence = return_date !== null || has(text, AWAY_TEXT) || has(text, ABSENT);
  const is_receipt = has(text, ACKNOWLEDGED);
  if (FINAL.test(text) || FOR_GOOD.test(text) || LEGAL.test(text)) return false;
  if (is_receipt && !has(text, AWAY_TEXT) && CONSIDERED.test(text)) return false;
  // A ticket system says beside its receipt that nobody reads the mailbox.
  return (is_absence || is_receipt) && (is_receipt || !MOVED_MAILBOX.test(text));
}

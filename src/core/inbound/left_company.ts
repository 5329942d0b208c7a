/** Whether a reply says that the person we wrote to has left the company, in nine languages. Folded. */
import { has, listed, phrases } from './words.ts';

const LEFT = phrases(
  listed(`i left the company|i've left|i have left|has left the company|left the company|left our company|no longer work here|no longer work at|no longer work for|no longer works here|no longer works for|no longer with us|no longer with the company|no longer employed|i retired|i have retired|i've retired|has retired|i changed jobs|former employee|moved to another company|don't work here anymore|do not work here anymore
  nicht mehr bei|nicht mehr im unternehmen|nicht mehr in der firma|unternehmen verlassen|aus unserem unternehmen ausgeschieden|aus unserer firma ausgeschieden|in den ruhestand gegangen|nicht mehr bei uns tatig|firma verlassen|aus der firma ausgeschieden|aus dem unternehmen ausgeschieden|in rente|im ruhestand|ehemaligen mitarbeiter|ehemaligen mitarbeiterin|ehemaliger mitarbeiter|arbeite nicht mehr|arbeitet nicht mehr|nicht mehr fur * tatig|nicht mehr bei uns
  ne travaille plus|plus partie de notre societe|plus partie de notre entreprise|plus partie de nos effectifs|plus partie des effectifs|quitte notre societe|quitte notre entreprise|quitte nos effectifs|quitte l'entreprise|quitte la societe|plus partie de l'entreprise|plus partie de la societe|n'est plus chez nous|a la retraite|ancien salarie|ancienne salariee|ancien collaborateur|ne suis plus chez
  ya no trabajo|ya no trabaja|ha dejado la compania|he dejado la compania|deje la compania|dejo la compania|ya no forma parte de nuestra|ya no forma parte de la empresa|se ha jubilado|me he jubilado|he dejado la empresa|deje la empresa|ha dejado la empresa|dejo la empresa|no forma parte de la empresa|me jubile|antiguo empleado|antigua empleada
  non lavoro piu|lasciato la nostra azienda|lasciato la compagnia|non lavora piu|lasciato l'azienda|lasciato la societa|non fa piu parte|in pensione|ex dipendente|ha lasciato l'azienda
  ja nao trabalho|deixou a companhia|ja nao faz parte da empresa|nao faz mais parte da empresa|nao faz mais parte do quadro|ja nao trabalha|nao trabalho mais|nao trabalha mais|sai da empresa|saiu da empresa|deixei a empresa|deixou a empresa|reformei-me|aposentei-me|antigo funcionario|antiga funcionaria
  werk niet meer|maakt geen deel meer uit van|heeft ons bedrijf verlaten|werkt hier niet meer|werkt niet meer|bedrijf verlaten|vertrokken bij|niet meer in dienst|met pensioen|oud-medewerker|ex-medewerker|niet meer werkzaam
  arbetar inte langre|jobbar inte kvar|jobbar inte langre|lamnat foretaget|har gatt i pension|slutade i|har slutat|inte langre anstalld|gick i pension|tidigare anstalld|slutat pa
  nie pracuje juz|nie jest juz zatrudniony|nie jest juz zatrudniona|nie jestem juz pracownikiem|przeszedl na emeryture|przeszla na emeryture|juz tu nie pracuje|juz nie pracuje|odszedlem z firmy|odeszlam z firmy|odszedl z firmy|odeszla z firmy|nie jest juz pracownikiem|na emeryturze|bylego pracownika|bylej pracownicy`),
);

const DAYS =
  '(?:mondays|tuesdays|wednesdays|thursdays|fridays|saturdays|sundays|(?:monday|tuesday|wednesday|thursday|friday) (?:morning|afternoon|evening)s?|weekends?|nights|evenings|afternoons|mornings|montags?|dienstags?|mittwochs?|donnerstags?|freitags?|samstags?|am wochenende|lundis?|mardis?|mercredis?|jeudis?|vendredis?|week-?end|lunes|martes|miercoles|jueves|viernes|lunedi|martedi|mercoledi|giovedi|venerdi|segundas?|tercas?|quartas?|quintas?|sextas?|maandag\\p{L}*|dinsdag\\p{L}*|woensdag\\p{L}*|donderdag\\p{L}*|vrijdag\\p{L}*|mandagar\\p{L}*|tisdagar\\p{L}*|onsdagar\\p{L}*|torsdagar\\p{L}*|fredagar\\p{L}*|poniedzialki|wtorki|srody|czwartki|piatki)';
const BEFORE_DAY = '(?:(?:on|at|am|an|le|les|los|el|il|di|op|pa|w|as|aos|na|nas)\\s+)?';
const PLACES =
  '(?:from home|remotely|full[- ]?time|part[- ]?time|overtime|from the office|vollzeit|teilzeit|im homeoffice|von zu hause|a temps (?:plein|partiel)|en teletravail|desde casa|a tiempo (?:completo|parcial)|da casa|a tempo|de casa|a tempo (?:inteiro|parcial)|thuis|fulltime|parttime|hemifran|heltid|deltid|z domu|zdalnie|na pelny etat)';
const THING =
  "(?:you|him|her|them|it|(?<=left\\s+)(?:a(?! (?:year|month|week|day|few|couple|while|long))|an|my|your|some)|home|work|early|for (?:the day|today|lunch|home|work|good luck)|the (?:office|building|house|meeting|room|desk|call)|(?:picnic|party|dinner|lunch|event|meeting|car|building|chat|retreat|offsite|outing|slack|premises|parking|gathering|celebration|call|phone|laptop|card|badge|premises|barbecue|gala|trip)s?|de (?:telefon\\p{L}*|teatro|seguros|danza|luz|gas)|d'assurance|a \\d)";

/** After a phrase: the writer stopped working on a day or in a place, or left something other than the company. */
export const ELSEWHERE = `(?!\\s+${BEFORE_DAY}${DAYS}(?!\\p{L}))(?!\\s+(?:at\\s+|en\\s+|a\\s+|op\\s+|pa\\s+)?${PLACES}(?!\\p{L}))(?!\\s+(?:from|aus|depuis|desde|dal|dall'|vanuit|fran|z)\\s+(?:the|our|my|an?|dem|le|la|el|mijn|het|de)\\s)`;

/** The person we wrote to has left. `I left the company on Friday` is one; `I no longer work on Fridays` is none. */
export const LEFT_COMPANY = new RegExp(
  `${LEFT.source}(?!(?<=work|works|arbeite|arbeitet|mehr|meer|plus|trabajo|trabaja|piu|trabalho|trabalha|mais|langre|juz|pracuje)\\s+${BEFORE_DAY}${DAYS}(?!\\p{L}))(?!\\s+${THING}(?!\\p{L}))(?!\\s+${PLACES}(?!\\p{L}))(?<!retired(?=\\s+(?:the|a|an|our|my|that|this|it|those|these|from the)(?!\\p{L})))`,
  'gu',
);

const MONTHS =
  '(?:january|february|march|april|may|june|july|august|september|october|november|december|januar|februar|marz|mai|juni|juli|oktober|dezember|janvier|fevrier|mars|avril|juin|juillet|aout|septembre|octobre|novembre|decembre|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre|janeiro|fevereiro|marco|maio|junho|julho|setembro|outubro|novembro|dezembro|januari|februari|maart|mei|augustus|december|augusti|20\\d\\d)';
const NAME = '(?:[^\\s.,;!?]+\\s+){1,4}?';

/** May mean that the person left: a company by its name, a successor, `moved on`. A person decides. */
export const MAY_HAVE_LEFT = new RegExp(
  `(?<!\\p{L})(?:left\\s+(?!you |it |the |a |an |my |your |our |him |her |them )${NAME}(?:(?:in|on|as of|effective|at the end of|back in)\\s+(?:the end of\\s+)?(?:early\\s+|late\\s+|mid-?\\s*)?(?:\\d{1,2}\\.?\\s+)?${MONTHS}|last\\s+(?:month|year|week|spring|summer|autumn|fall|winter))|(?:have|has|i've|he's|she's) moved on from|(?:who|has) (?:took|taken) over (?:from me|my (?:role|position|job|duties))|my successor|${MONTHS}\\s+(?:\\d{4}\\s+)?verlassen|mein nachfolger|meine nachfolgerin|mon successeur|mi sucesora?|il mio successore|(?:o )?meu sucessor|mijn opvolg\\p{L}+|min eftertradare|moj nastepca|(?:quitte|quittee)\\s+${NAME}(?:en|fin|debut|le)\\s+(?:\\d{1,2}\\s+)?${MONTHS}|(?:deje|dejado|lasciato|deixei|deixou|sai d[ae]|saiu d[ae])\\s+${NAME}(?:en|em|a|in|nel|desde|da)\\s+${MONTHS}|(?:lamnade|slutade pa)\\s+${NAME}i\\s+${MONTHS})(?!\\p{L})`,
  'gu',
);

/** The writer still works there, or left only a place, or it is the company that left someone. */
const STAYED =
  /(?<!\p{L})(?:same (?:company|firm|employer)|still (?:work|with|at|here|employed)|internally|no longer works? (?:with|for free)|no longer with you|(?:vendor|supplier|provider|tool|system|product|agency|bank) is no longer with|within the company|(?:selben?|gleichen?) (?:firma|unternehmen)|intern|noch hier|meme (?:entreprise|societe|boite)|misma empresa|stessa azienda|mesma empresa|(?:hetzelfde|zelfde) bedrijf|samma foretag|tej samej firmie|no longer (?:with|work (?:at|in|for)|part of) (?:our|the|this|that|my) (?:\p{L}+ ){0,3}(?:office|branch|location|site|team|plant|region|project|department|committee|board)|(?:we|we've|wir|nous|nosotros|nosotras|noi|wij)(?: \p{L}+){0,4} (?:left|no longer|nicht mehr|plus|ya no|non|niet meer))(?!\p{L})/u;

/** No longer to work, which projects, hours, and printers also do. */
const WORK =
  /(?<!\p{L})(?:arbeitet? nicht mehr|nicht mehr (?:bei|fur)|ne travaille plus|ya no trabaj[oa]|ya no forma parte|non lavor[oa] piu|non fa piu parte|ja nao trabalh[oa]|nao trabalh[oa] mais|werkt? (?:hier )?niet meer|(?:arbetar|jobbar) inte langre|har slutat|nie pracuje(?: juz)?|in rente|in pensione|quitte (?:l'entreprise|la societe)|left (?:the|our) company)(?!\p{L})/u;
/** After those words, the end of the clause, or the place of work. */
const AT_WORK =
  /^\s*(?:$|[.,;:!)]|(?:(?:an?|two|three|four|five|six|a few|several|some|many|\d+|in) )?(?:years?|months?|weeks?|days?|while|long time|early|late|mid|effective)(?!\p{L})|(?:juz |langre |kvar |dla )?(?:here|hier|ici|aqui|acqui|qui|aqui|ca|tu|tutaj|har)(?!\p{L})|(?:bei|fur|chez|pour|para|per|por|voor|bij|pa|hos|dla)\s+(?:der firma|dem unternehmen|uns|unser\p{L}*|nous|notre|la (?:empresa|compania|societe)|nosotros|noi|nostr\p{L}*|ons|onze|oss|nas|foretaget|\p{L}+(?:[.,;:!]|$|\s+(?:und|et|y|e|en|och|i|gmbh|inc|ltd)))|uns(?!\p{L})|(?:a|at|in|en|na|w|em|nesta|dans|i)\s+(?:(?:la|der|dieser|esta|nuestra|questa|nostra|notre|cette|onze|tej|naszej|nossa|this|our|te)\s+)?(?:empresa|compania|firma|azienda|societe|entreprise|firmie|bedrijf|organisation\p{L}*|company)|(?:en|na|nesta|da|della|dell'|de la|dell|vid|dit|ons|questa|nell'|nella|de|in|on|as|at|and|for (?!free)|last|this|to|effective|since|by|earlier|recently|already|after|because|but|so|when|with|due|some|several|permanently|now|ago|und|et|y|e|och|och|i|depuis|desde|dal|sinds|sedan|od|seit|seg\p{L}*)(?!\p{L})(?!\s+(?:charge|a mess|mess|ese|este proyecto|dit project|nad|dossier|this project)))/u;
/** Work without a place, which a printer also does. */
const BARE =
  /^(?:arbeitet nicht mehr|ne travaille plus|ya no trabaja|non lavora piu|ja nao trabalha|nao trabalha mais|werkt niet meer|(?:arbetar|jobbar) inte langre|har slutat|nie pracuje(?: juz)?)$/;

/** A place of work before the verb. */
const AT_OURS =
  /(?<!\p{L})(?:tu|tutaj|u nas|hier|here|ici|aqui|aca|qui|har|hos oss|bij ons|bei uns|chez nous)(?!\p{L})/u;

/** One of several offices, and a return: the writer is still there. */
const OFFICE =
  /^\s*(?:(?:\p{L}+|dell')\s*){0,4}(?<!\p{L})(?:office|branch|site|plant|sede|ufficio|filial\p{L}*|reparto|sucursal|oficina|escritorio|bureau|agence|buro|standort|niederlassung|kantoor|vestiging|kontoret|biurze|oddzial\p{L}*)(?!\p{L})/u;
const RETURNED =
  /(?<!\p{L})(?:came back|am back|are back|is back|rejoined|bin wieder|wieder da|zuruckgekehrt|revenue?|vuelto|volvi|tornat[oa]|voltei|regressei|teruggekeerd|terug bij|tillbaka|wrocil\p{L}*)(?!\p{L})/u;

/** The writer as the subject: a pronoun, or a verb in the first person. */
const OF_WRITER =
  /(?<!\p{L})(?:i(?= (?:have|left|am|no|was|retired|changed|do|don't|had|moved|just|recently|unfortunately|already|now|also|did))|i've|i'm|ich|je|j'ai|yo|io|eu|ik|jag|he dejado|deje|ya no trabajo|me (?:he )?jubil\p{L}+|ho lasciato|non lavoro|deixei|sai|trabalho|reformei|aposentei|odszedlem|odeszlam|nie jestem|(?<=^|[,;] )nie pracuje)(?!\p{L})/u;

const OWNED =
  '(?:my|our|his|her|their|your|meine?[rnsm]?|unsere?[rnsm]?|mon|ma|mes|notre|nos|votre|mis?|nuestr[oa]s?|mi[oa]|miei|mie|nostr[oaie]|meus?|minhas?|noss[oa]s?|mijn|onze?|min|mitt|mina|var|vart|vara|moj|moja|moje|moi|nasz|nasza|nasze|nasi)';
/** A relative, a superior, or a thing of the writer's: `my former boss`. */
const OF_OWNED = new RegExp(`(?<!\\p{L})${OWNED}(?!\\p{L})`, 'u');

/** A pronoun for a thing, or a day: `Tuesday no longer works for me`. */
const IT =
  /^\s*(?:this|that|it|das|dies|es|cela|ca|esto|eso|questo|cio|isto|isso|dit|dat|det|to|(?:mon|tues|wednes|thurs|fri)day)\s*$/;

/** `Unser` of `unser Unternehmen`, which the words begin with. */
const OUR_COMPANY = new RegExp(`(?<!\\p{L})${OWNED}\\s*$`, 'u');

/** After an article, other subjects than a person at work are things, customers, or parts of the company. */
const OF_THING =
  /(?:^|[,;:]\s*)(?:the|this|that|der|die|das|dieser?|dieses|le|la|les|cette|ce|el|los|las|este|esta|il|lo|gli|questo|questa|de|het|deze|dit|den|det|l')(?:(?<=')|\s+)(?!(?:person|address|adres|mail|account|konto|postfach|compte|boite|buzon|cuenta|correo|direccion|casella|indirizzo|brevlad|colleague|employee|gentleman|lady|recipient|addressee|user|contact|owner|former|previous|mitarbeiter|kolleg|person|empfanger|dame|herr|frau|salarie|collaborat|collegue|personne|destinataire|dame|emplead|persona|companer|destinatari|senor|sra?(?!\p{L})|dipendente|collega|signor|dottor|sig|medewerk|persoon|heer|mevrouw|collega))\p{L}+/u;
/** Things and persons without an article: the mother company, the maker. */
const OF_PARENT =
  /(?<!\p{L})(?:matriz|matrice|mere|madre|mae|moederbedrijf|moder\p{L}*|macierzyst\p{L}*|parent|holding)(?!\p{L})/u;

/** Before the words: not quite, not yet, hearsay, a condition, a plan, or only the time of something else. */
const HEDGED =
  /(?<!\p{L})(?:before|bevor|avant|antes|prima|nobody|no one|everyone|everybody|of us|of them|alle|tous|todos|tutti|alla|wszyscy|several|some|many|half|niemand|einige|mehrere|(?<!(?:la|une|cette) )personne|plusieurs|nadie|varios|nessuno|diversi|ninguem|meerdere|ingen|flera|nikt|kilku?|aldrig|nooit|nigdy|thought|think|thinks|said|says|told|believe\p{L}*|claim\p{L}*|assum\p{L}*|dacht\p{L}*|glaubte\p{L}*|sagte\p{L}*|gesagt|croyais|pensais|creia|pensaba|dijeron|credevo|pensavo|detto|achava|pensei|disseram|zei|gezegd|trodde|sags|sagt|myslal\p{L}*|powiedzial\p{L}*|almost|nearly|rumou?rs?|hear[ds]?|they say|people say|allegedly|as if|if|when|once|until|unless|should|would|could|might|may|will|plan\p{L}*|want\p{L}*|going to|about to|never|pretend\p{L}*|joke\p{L}*|imagine|dream\p{L}*|since (?:she|he|they|jane|my)|fast|beinahe|geruch\p{L}*|angeblich|wenn|falls|als|nachdem|bevor|ob|hatte|ware|wurde|will|presque|failli|rumeur\p{L}*|dit que|disent que|parait|quand|lorsque|apres que|depuis que|si|casi|rumor\p{L}*|dicen que|cuando|desde que|quasi|voci|dicono che|quando|dopo che|se|quase|boato\p{L}*|dizem que|depois que|bijna|gerucht\p{L}*|ze zeggen|toen|nadat|als|zou|nastan|rykte\p{L}*|nar|efter att|om|skulle|prawie|omal|plotk\p{L}*|mowia|kiedy|gdy|gdyby|jesli|jezeli|podobno)(?!\p{L})/u;

/** After the departure of another person: `so I decide now`. */
const WRITER_FOLLOWS =
  /(?<!\p{L})(?:so|and now|now|also|jetzt|seitdem|donc|maintenant|asi que|por eso|ahora|quindi|adesso|ora|por isso|agora|dus|nu|sa|wiec|teraz|contact|ask|write to|email|call)\s+(?:\p{L}+\s+){0,3}(?:i|i'm|me|us|ich|mir|mich|je|moi|yo|conmigo|io|me|eu|mim|ik|mij|jag|mig|ja|mnie)(?!\p{L})/u;

/** Denies the departure in another sentence: `I did not!` */
const DENIED =
  /^(?:(?:but|and|well|no|which) ?,? )?(?:i|he|she|they|that|it|this) ?(?:did|have|has|had|do|does|am|is|was|were|would)?(?: ?not|n't)(?: true| right| so| correct| happen\p{L}*)?[ .!]*$|(?<!\p{L})(?:still (?:here|there|at|with|work|employed)|not true|untrue|nonsense|just kidding|stimmt (?:aber )?nicht|bin (?:aber )?noch (?:da|hier)|immer noch|c'est faux|pas vrai|toujours (?:la|ici)|no es (?:verdad|cierto)|es falso|sigo aqui|non e vero|e falso|sono ancora|nao e verdade|e mentira|ainda (?:estou|ca|aqui)|niet waar|klopt niet|nog steeds|inte sant|stammer inte|ar kvar|fortfarande|nieprawda|to nie tak|nadal)(?!\p{L})/u;

/** Whether another sentence denies a departure, or has a writer who stayed beside the person who left. */
export function isDepartureDenied(sentence: string, others: readonly string[]): boolean {
  return others.some(
    (other) => DENIED.test(other) || (!OF_WRITER.test(sentence) && WRITER_FOLLOWS.test(other)),
  );
}

/** Whether someone or something else left, or nobody did yet. */
function isOfAnother(sentence: string): boolean {
  LEFT_COMPANY.lastIndex = 0;
  const match = LEFT_COMPANY.exec(sentence);
  if (match === null) return false;
  const before = sentence.slice(0, match.index);
  const after = sentence.slice(match.index + match[0].length);
  const is_writer = OF_WRITER.test(`${before}${match[0]}`);
  const clause = before.slice(before.search(/[^.!?]*$/)).replace(OUR_COMPANY, '');
  return (
    HEDGED.test(before) ||
    IT.test(clause) ||
    (!is_writer && (OF_OWNED.test(clause) || OF_THING.test(clause) || WRITER_FOLLOWS.test(after))) ||
    OF_PARENT.test(sentence) ||
    OFFICE.test(after) ||
    RETURNED.test(sentence)
  );
}

/** Whether a sentence says without doubt that the person left. */
export function statesDeparture(sentence: string): boolean {
  return has(sentence, LEFT_COMPANY) && !isDepartureDoubted(sentence);
}

/** Whether a sentence with words of a departure may mean something else. */
export function isDepartureDoubted(sentence: string): boolean {
  const work = WORK.exec(sentence);
  const after = work === null ? '' : sentence.slice(work.index + work[0].length);
  return (
    (work !== null &&
      (!AT_WORK.test(after) ||
        (/^\W*$/.test(after) &&
          BARE.test(work[0]) &&
          !OF_WRITER.test(sentence) &&
          !AT_OURS.test(sentence)))) ||
    isOfAnother(sentence) ||
    STAYED.test(sentence) ||
    (has(sentence, MAY_HAVE_LEFT) && !has(sentence, LEFT_COMPANY)) ||
    (sentence.includes('?') && has(sentence, LEFT_COMPANY))
  );
}

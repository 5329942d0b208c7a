/** Phrases of replies in nine languages. Folded, whole words; ` * ` is up to three words. */
import { ELSEWHERE } from './left_company.ts';
import { listed, phrases } from './words.ts';

const NOT_ME = phrases([
  'not the right person',
  'not the right contact',
  'wrong person',
  'wrong contact',
  'wrong department',
  'not responsible for',
  'not in charge of',
  'not my area',
  'not my department',
  "don't handle",
  'do not handle',
  'no longer work',
  'no longer works',
  'no longer with',
  'no longer responsible',
  'no longer employed',
  'better person to',
  'right person to * is',
  'the person to contact is',
  'please contact * instead',
  'please reach out to our',
  'you should contact',
  'you should talk to',
  'nicht zustandig',
  'nicht der richtige',
  'nicht die richtige',
  'falscher ansprechpartner',
  'falschen ansprechpartner',
  'falsche ansprechpartnerin',
  'falsche adresse',
  'richtige ansprechpartner',
  'richtiger ansprechpartner',
  'zustandig ist',
  'zustandig dafur ist',
  'nicht mehr bei',
  'nicht mehr im unternehmen',
  'nicht mehr fur * tatig',
  'wenden sie sich bitte an',
  'bitte wenden sie sich an',
  'pas la bonne personne',
  'pas le bon interlocuteur',
  'pas la bonne interlocutrice',
  'pas le bon contact',
  'pas responsable',
  'pas en charge',
  'ne suis plus en charge',
  'ne travaille plus',
  "quitte l'entreprise",
  'quitte la societe',
  'contacter plutot',
  'adresser a',
  'no soy la persona',
  'no soy el responsable',
  'no soy la responsable',
  'persona equivocada',
  'persona adecuada es',
  'persona correcta es',
  'no me encargo',
  'no llevo este tema',
  'ya no trabaja',
  'ya no trabajo',
  'no es de mi competencia',
  'non sono la persona',
  'persona sbagliata',
  'persona giusta',
  'non mi occupo',
  'non sono io',
  'non lavora piu',
  'non lavoro piu',
  'non e di mia competenza',
  'niet de juiste persoon',
  'nao sou a pessoa',
  ...listed(`decides on this|handles this|is the right address|the right address is|talk to our|write to purchasing|want the other office|contact purchasing|the one to ask|take me off this thread|remove me from cc
  macht bei uns|entscheidet das|die falsche adresse|bei mir verkehrt|nicht mir schreiben|schreiben sie an|kummert sich|ist bei uns
  s'en occupe|trompez d'interlocuteur|pas mon domaine|mauvaise porte|voyez avec|veuillez contacter le|merci d'ecrire a|mauvaise personne
  se encarga|equivocado de persona|no es mi area|aqui no es|contacte con el|escriba a|pregunte en|saqueme de copia|no me escriba a mi
  se ne occupa|ha sbagliato persona|contatti l'ufficio|scriva a|qui no|chieda in|non scriva a me|mi tolga dalla copia
  trata disso|trata deste|enganou-se na pessoa|nao e a minha area|pessoa certa|contacte o departamento|escreva para|nao trato|aqui nao e|pessoa errada|nao me escreva a mim|tire-me de copia
  ga hier niet over|gaat hierover|de verkeerde voor|niet mijn afdeling|neem contact op met de|schrijf naar|hier moet u niet|juiste persoon is|niet naar mij|uit de cc
  inte ratt person|ansvarar inte|fel person|inte mitt omrade|fel stalle|skoter det|kontakta medlems|skriv till|skriv inte till mig|fran kopian|ratt person ar
  wlasciwa osoba|wlasciwa osobe|nie zajmuje sie tym|zajmuje sie tym|to pomylka|nie moj dzial|to nie tutaj|skontaktowac sie z|pisac na|nie pisac do mnie|z kopii`),
]);

/** `I sent it to the wrong person` is about the writer's own mail. */
const SENT_BY_ME =
  "(?:(?<![\\p{L}])(?:i|we|i've|we've|my|our)(?: (?!you)\\p{L}+){0,4} (?:sent|forwarded|replied|answered|wrote|went|mailed|addressed)|j'ai (?:envoye|transmis|adresse)|(?:lo|la|he) (?:envie|enviado|mande|mandado)|ho (?:inviat|mandat)\\p{L}|enviei|mandei|skickade|har skickat)(?![\\p{L}])";
export const WRONG_PERSON = new RegExp(`${NOT_ME.source}${ELSEWHERE}(?<!${SENT_BY_ME}.{0,60})`, 'gu');

const ABSENT = phrases([
  'out of the office',
  'out of office',
  'out of my office',
  'on vacation',
  'on holiday',
  'on annual leave',
  'on parental leave',
  'nicht im buro',
  'nicht im buero',
  'im urlaub',
  'en vacances',
  'en conge',
  'en conges',
  'absent du bureau',
  'absente du bureau',
  'fuera de la oficina',
  'de vacaciones',
  'fuori ufficio',
  'in ferie',
  'op vakantie',
  'de ferias',
]);

/** `I was on vacation` is over. */
const WAS =
  "(?<![\\p{L}])(?:was|were|war|waren|j'etais|etions|estuve|estuvimos|ero|eravamo|estive|estivemos)(?:\\s+[^\\s.,;!?]+){0,3}\\s+";
export const AWAY = new RegExp(`(?<!${WAS})${ABSENT.source}`, 'gu');

/** Openings and closings of letters, without meaning. */
export const GREETING =
  /^(?:hi|hello|hey|dear|good (?:morning|afternoon|evening|day)|hallo|guten (?:tag|morgen)|liebe[rs]?|sehr geehrte[rs]?|moin|servus|gruss gott|bonjour|bonsoir|madame|monsieur|cher|chere|hola|buenos dias|buenas tardes|estimad[oa]s?|buongiorno|salve|gentile|ciao|beste|geachte|ola|prezad[oa]s?|bom dia|boa tarde|exm[oa]s?|goedendag|goedemorgen|goedemiddag|hej|god (?:morgon|dag|kvall)|basta|dzien dobry|dobry wieczor|szanown[ayi]|witam|czesc|madame, monsieur|mesdames|estimados senores|gentili signori|senor|senora)\b[^.!?\n]{0,60}$/;

export const CLOSING =
  /^(?:(?:kind |best |warm |warmest |many )?regards|best(?: wishes)?|cheers|sincerely|yours (?:sincerely|faithfully|truly)|thanks(?: and regards)?|thank you|many thanks|thx|mit (?:freundlichen|besten|herzlichen) grussen|mit freundlichem gruss|(?:freundliche|viele|beste|liebe|schone|herzliche) grusse|gruss|grusse|mfg|vg|lg|danke|vielen dank|(?:bien )?cordialement|(?:tres )?cordialement|bien a vous|(?:meilleures )?salutations|salutations distinguees|merci|merci d'avance|(?:un )?(?:cordial )?saludos?(?: cordiales)?|atentamente|gracias|muchas gracias|(?:cordiali|distinti|cari) saluti|saluti|grazie(?: mille)?|met vriendelijke groet(?:en)?|groeten|bedankt|atenciosamente|obrigad[oa]|(?:com os melhores )?cumprimentos|melhores cumprimentos|(?:med )?vanlig(?:a)? halsning(?:ar)?|mvh|halsningar|tack pa forhand|z powazaniem|pozdrawiam|z wyrazami szacunku|dziekuje)[ ,.!]*$/;

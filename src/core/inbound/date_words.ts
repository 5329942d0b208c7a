/** Words of dates in nine languages. Folded, see `fold`. */

const MONTH_NAMES: readonly (readonly string[])[] = [
  [
    'january',
    'stycznia',
    'styczen',
    'jan',
    'januar',
    'janner',
    'janvier',
    'janv',
    'enero',
    'ene',
    'gennaio',
    'gen',
    'januari',
    'janeiro',
  ],
  [
    'february',
    'lutego',
    'luty',
    'feb',
    'februar',
    'fevrier',
    'fevr',
    'fev',
    'febrero',
    'febbraio',
    'februari',
    'fevereiro',
  ],
  ['march', 'marca', 'marzec', 'mar', 'marz', 'maerz', 'mrz', 'mars', 'marzo', 'maart', 'mrt', 'marco'],
  ['april', 'kwietnia', 'kwiecien', 'apr', 'avril', 'avr', 'abril', 'abr', 'aprile'],
  ['may', 'maj', 'maja', 'mai', 'mayo', 'maggio', 'mag', 'mei', 'maio'],
  ['june', 'czerwca', 'czerwiec', 'jun', 'juni', 'juin', 'junio', 'giugno', 'giu', 'junho'],
  ['july', 'lipca', 'lipiec', 'lip', 'jul', 'juli', 'juillet', 'juil', 'julio', 'luglio', 'lug', 'julho'],
  ['august', 'augusti', 'sierpnia', 'sierpien', 'sie', 'aug', 'aout', 'agosto', 'ago', 'augustus'],
  [
    'september',
    'wrzesnia',
    'wrzesien',
    'sep',
    'sept',
    'septembre',
    'septiembre',
    'set',
    'settembre',
    'setembro',
  ],
  [
    'october',
    'pazdziernika',
    'pazdziernik',
    'oct',
    'oktober',
    'okt',
    'octobre',
    'octubre',
    'ottobre',
    'ott',
    'outubro',
    'out',
  ],
  ['november', 'listopada', 'listopad', 'nov', 'novembre', 'noviembre', 'novembro'],
  [
    'december',
    'grudnia',
    'grudzien',
    'dec',
    'dezember',
    'dez',
    'decembre',
    'diciembre',
    'dic',
    'dicembre',
    'dezembro',
  ],
];

const WEEKDAY_NAMES: readonly (readonly string[])[] = [
  [
    'monday',
    'mandag',
    'mandagen',
    'poniedzialek',
    'poniedzialku',
    'mon',
    'montag',
    'mo',
    'lundi',
    'lun',
    'lunes',
    'lunedi',
    'maandag',
    'segunda',
  ],
  [
    'tuesday',
    'tisdag',
    'tisdagen',
    'wtorek',
    'wtorku',
    'tue',
    'tues',
    'dienstag',
    'di',
    'mardi',
    'martes',
    'martedi',
    'dinsdag',
    'terca',
  ],
  [
    'wednesday',
    'onsdag',
    'onsdagen',
    'sroda',
    'srode',
    'srody',
    'wed',
    'mittwoch',
    'mi',
    'mercredi',
    'mer',
    'miercoles',
    'mercoledi',
    'woensdag',
    'quarta',
  ],
  [
    'thursday',
    'torsdag',
    'torsdagen',
    'czwartek',
    'czwartku',
    'thu',
    'thurs',
    'donnerstag',
    'do',
    'jeudi',
    'jueves',
    'giovedi',
    'donderdag',
    'quinta',
  ],
  [
    'friday',
    'fredag',
    'fredagen',
    'piatek',
    'piatku',
    'fri',
    'freitag',
    'fr',
    'vendredi',
    'ven',
    'viernes',
    'venerdi',
    'vrijdag',
    'sexta',
  ],
  [
    'saturday',
    'lordag',
    'lordagen',
    'sobota',
    'sobote',
    'soboty',
    'sat',
    'samstag',
    'sonnabend',
    'samedi',
    'sabado',
    'sabato',
    'zaterdag',
  ],
  [
    'sunday',
    'sondag',
    'sondagen',
    'niedziela',
    'niedziele',
    'niedzieli',
    'sun',
    'sonntag',
    'dimanche',
    'domingo',
    'domenica',
    'zondag',
  ],
];

/** Name -> 1 to 12. */
export const MONTHS = numbered(MONTH_NAMES);
/** Name -> 1 (Monday) to 7. Short forms that are also words, for example `do`, count only before a date. */
export const WEEKDAYS = numbered(WEEKDAY_NAMES);

export const TOMORROW = new Set(['tomorrow', 'demain', 'manana', 'domani', 'amanha']);

/** `next`, before or after the weekday. */
export const NEXT = new Set(
  'next nachsten nachster naechsten kommenden kommender prochain prochaine proximo prossimo volgende aanstaande'.split(
    ' ',
  ),
);

/** Words between day and month, or before a date, without a meaning of their own. */
export const FILLERS = new Set(
  'the of de del dem den der des du le la el il lo on am an zum vom d l dia giorno di die including einschliesslich and to a al au ao o op no na em este this einschl inkl incl 1 het w we od dnia kl den przez'.split(
    ' ',
  ),
);

/** Words for a return. */
export const RETURN = new Set(
  (
    'back return returning returns returned resume resuming reopen reopens reopening again ' +
    'wieder zuruck zurueck ruckkehr rueckkehr ' +
    'retour reviens reviendrai reviendrons reprendrai rentrerai rouvrira rouvrirons reprise reouverture nouveau ' +
    'regreso regresare vuelta volvere vuelvo reincorporo reincorporare reincorporacion reabriremos nuevo ' +
    'rientro rientrero ritorno tornero torno riprendero riaprira nuovo ' +
    'terug weer terugkeer opnieuw ' +
    'tillbaka ater aterkommer wracam wroce powrot powracam bede ' +
    'retorno retornarei regresso regressarei voltarei volto volta novo'
  ).split(' '),
);

/** Words before the end of an absence -> whether the named day is the first one back or the last one away. */
export const UNTIL: ReadonlyMap<string, 'first_back' | 'last_away'> = new Map([
  ...'until till til tot'.split(' ').map((word) => [word, 'first_back'] as const),
  ...'through thru bis jusqu jusque hasta fino sino ate inclusive inclus incluso compreso met'
    .split(' ')
    .map((word) => [word, 'last_away'] as const),
]);

/** Words between the first and the last day of an absence. */
export const RANGE = new Set(
  'to until till til through thru bis au jusqu jusque al a hasta fino ao ate tot met t m en och and und et y e - –'.split(
    ' ',
  ),
);

/** Words that distinguish English from languages that put the day first. */
export const ENGLISH = new Set(
  'i the will be am out office back until return from with you your my email for'.split(' '),
);

function numbered(names: readonly (readonly string[])[]): ReadonlyMap<string, number> {
  return new Map(names.flatMap((forms, index) => forms.map((form) => [form, index + 1] as const)));
}

/** Words of dates in nine languages. Folded, see `fold`. */
import { fold } from './words.ts';

const LANGUAGES = ['en', 'de', 'fr', 'es', 'it', 'nl', 'pt', 'sv', 'pl'];

/** Shortened and inflected forms, which the names of a whole date lack: January to December, Monday to Sunday. */
const MORE_MONTHS = [
  'jan janner janv ene gen styczen',
  'feb fevr fev luty',
  'mar maerz mrz mrt marzec',
  'apr avr abr kwiecien',
  'mag maj',
  'jun giu czerwiec',
  'lip jul juil lug lipiec',
  'sie aug ago sierpien',
  'sep sept set wrzesien',
  'oct okt ott out pazdziernik',
  'nov listopad',
  'dec dez dic grudzien',
];
const MORE_WEEKDAYS = [
  'mandagen poniedzialku mon mo lun',
  'tisdagen wtorku tue tues di',
  'onsdagen srode srody wed mi mer',
  'torsdagen czwartku thu thurs do',
  'fredagen piatku fri fr ven',
  'lordagen sobote soboty sat sonnabend',
  'sondagen niedziele niedzieli sun',
];

/** 1 to 12. */
export const monthOf = numberOf('month', 'months', MORE_MONTHS);
/** 1 (Monday) to 7. Short forms that are also words, for example `do`, count only before a date. */
export const weekdayOf = numberOf('weekday', 'days', MORE_WEEKDAYS);

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

/** Words before the last day of an absence. */
export const UNTIL = new Set(
  'until till til tot through thru bis jusqu jusque hasta fino sino ate inclusive inclus incluso compreso met'.split(
    ' ',
  ),
);

/** `I will not be back until Monday`: the named day is the first one back. */
export const NOT = new Set("not won't t nicht pas no non nao niet inte nie".split(' '));

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

/** The first month, on the first day of the week. */
const FIRST = Temporal.PlainDate.from('2024-01-01');
const WHOLE_DATE = { weekday: 'long', month: 'long', day: 'numeric' } as const;

/** Its names are made on first use: the engine takes as long for them as for many messages. */
function numberOf(part: 'month' | 'weekday', step: 'months' | 'days', more: readonly string[]) {
  let numbers: ReadonlyMap<string, number> | undefined;
  const read = () =>
    LANGUAGES.flatMap((language) => {
      const format = new Intl.DateTimeFormat(language, WHOLE_DATE);
      const partsOf = (at: number) => format.formatToParts(FIRST.add({ [step]: at }));
      return more.map((_, at) => [nameIn(partsOf(at), part), at + 1] as const);
    });
  return (name: string): number | undefined => {
    numbers ??= new Map([
      ...read(),
      ...more.flatMap((forms, at) => forms.split(' ').map((form) => [form, at + 1] as const)),
    ]);
    return numbers.get(name);
  };
}

/** Portuguese appends -feira to the number of a weekday. */
function nameIn(parts: readonly Intl.DateTimeFormatPart[], part: 'month' | 'weekday'): string {
  const { value } = parts.find(({ type }) => type === part)!;
  return fold(value, value.length).split('-')[0]!;
}

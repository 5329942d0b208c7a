import { z } from 'zod';
import type { ACCOUNT_COLUMNS } from '../../core/account_columns.ts';
import type { Column, ColumnKind, Columns, NamesWith } from '../../core/columns.ts';
import { namesWith } from '../../core/columns.ts';
import { isTimeZone } from '../../core/gate/schedule.ts';
import { isLinkedinProfile } from '../../core/gate/unreachable.ts';
import type { LEAD_COLUMNS } from '../../core/lead_columns.ts';
import { e164, PHONE_EXPECTED } from '../../phone_number.ts';
import { CADENCE_STATE_VALUES, ICP_TIER_VALUES } from '../../schema.gen.ts';
import { id, instant, nullableInstant, headerLine as text } from '../fields.ts';
import { userKey } from '../user_keys.ts';

export const NOT_LINKEDIN = 'expected a linkedin.com address';

/** As in lead_addresses: a profile is an address of the lead. */
export const PROFILE_CHARS_MAX = 500;

/** Only http and https: the address becomes a link. */
const linkedinAddress = z
  .url({ protocol: /^https?$/, hostname: z.regexes.domain })
  .max(PROFILE_CHARS_MAX)
  .refine(isLinkedinProfile, NOT_LINKEDIN);

/** Stored as E.164. */
const phoneNumber = z
  .string()
  .max(100)
  .check(({ value, issues }) => {
    if (e164(value) === null) issues.push({ code: 'custom', message: PHONE_EXPECTED, input: value });
  })
  .overwrite((text) => e164(text) ?? text);

export const timeZone = z.string().max(100).refine(isTimeZone, 'expected an IANA name (Europe/Berlin)');

const SIGNALS_MAX = 100;

/** Signs of a lead's interest: short, unique words such as pricing_page. */
export const intentSignals = z
  .array(text(100), 'expected a list of words')
  .max(SIGNALS_MAX, `at most ${SIGNALS_MAX} signals`)
  .refine((words) => new Set(words).size === words.length, 'duplicate entry');

/** The output schema of each column kind. */
const ANSWERED = {
  id,
  reference: id.nullable(),
  email: z.string(),
  domain: z.string().nullable(),
  name: z.string(),
  text: z.string().nullable(),
  time_zone: z.string().nullable(),
  linkedin: z.string().nullable(),
  phone: z.string().nullable(),
  tier: z.enum(ICP_TIER_VALUES).nullable(),
  state: z.enum(CADENCE_STATE_VALUES),
  flag: z.boolean(),
  count: z.number().nullable(),
  words: z.array(z.string()),
  instant: nullableInstant,
  stamp: instant,
} as const satisfies Record<ColumnKind, z.ZodType>;

/** The patch schema of each column kind; null clears. Templates may quote a text in a subject. */
const PATCHED = {
  name: ({ chars_max }: Column) => text(chars_max!).optional(),
  text: ({ chars_max }: Column) => text(chars_max!).nullable().optional(),
  reference: () => userKey.nullable().optional(),
  tier: () => z.enum(ICP_TIER_VALUES).nullable().optional(),
  time_zone: () => timeZone.nullable().optional(),
  linkedin: () => linkedinAddress.nullable().optional(),
  phone: () => phoneNumber.nullable().optional(),
  flag: () => z.boolean().optional(),
  words: () => intentSignals.nullable().optional(),
} satisfies Record<
  KindPatched<typeof LEAD_COLUMNS> | KindPatched<typeof ACCOUNT_COLUMNS>,
  (of: Column) => z.ZodType
>;
type PatchedKind = keyof typeof PATCHED;
type KindPatched<Table extends Columns> = Table[NamesWith<Table, 'patched'>]['kind'];

type Answered<Table extends Columns> = {
  -readonly [Name in keyof Table as Table[Name] extends { hidden: true }
    ? never
    : Name]: (typeof ANSWERED)[Table[Name]['kind']];
};
type Patched<Table extends Columns> = {
  [Name in NamesWith<Table, 'patched'>]: ReturnType<(typeof PATCHED)[Table[Name]['kind'] & PatchedKind]>;
};

/** The output fields of a table: every declared column that is not hidden, in that order. */
export function answerOf<Table extends Columns>(table: Table): Answered<Table> {
  const shown = Object.entries(table).filter(([, column]) => !column.hidden);
  const shape = shown.map(([name, { kind, describe }]) => {
    const schema = ANSWERED[kind];
    return [name, describe === undefined ? schema : schema.describe(describe)];
  });
  return Object.fromEntries(shape) as Answered<Table>;
}

/** The patch inputs of a table. */
export function patchOf<Table extends Columns>(table: Table): Patched<Table> {
  const names = namesWith(table, 'patched') as (keyof Table)[];
  return Object.fromEntries(
    names.map((name) => [name, PATCHED[table[name]!.kind as PatchedKind](table[name]!)]),
  ) as Patched<Table>;
}

export const searchText = z.string().trim().max(200).optional();

/** Keys that begin with `q` lie from `q_from` up to but excluding `q_to`, in code point order. */
export function searchRange(q: string): { q_from: string; q_to: string } {
  return { q_from: q, q_to: `${q}${LAST_CODE_POINT}` };
}

/** Not a character, and unchanged by lowercasing, so SQL may lowercase the bound. */
const LAST_CODE_POINT = '\u{10FFFF}';

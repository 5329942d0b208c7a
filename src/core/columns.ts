import type { AgentKind, CadenceState, IcpTier } from '../schema.gen.ts';

/*
 * The shape of a declared column of leads or accounts (lead_columns.ts, account_columns.ts). Imports, patches, answers, permissions,
 * audit, erasure, search, and the web's forms are generated from the declarations; tools/emit_columns.ts writes their SQL and the
 * web's fields.
 */

/** The kinds of columns and their values. Schemas by kind: src/operations/leads/fields.ts; readers of cells: import_cells.ts. */
type KindValues = {
  id: string;
  reference: string | null;
  email: string;
  domain: string | null;
  /** Text that is never empty. */
  name: string;
  text: string | null;
  time_zone: string | null;
  linkedin: string | null;
  /** E.164. */
  phone: string | null;
  tier: IcpTier | null;
  state: CadenceState;
  flag: boolean;
  count: number | null;
  words: string[];
  instant: Date | null;
  stamp: Date;
};
export type ColumnKind = keyof KindValues;

/**
 * Every column of a table decides on erasure. `erased`: SQL of an erased row's value, held by a CHECK. `at_erasure`: SQL of a value set
 * once, $3 being the time. `stays`: the reason why the value is not personal data. `generated`: the database computes it.
 */
type Erasure =
  | { generated: 'search_key' | 'identity' }
  | { stays: string }
  | { at_erasure: string }
  | { erased: string };

type Declared = {
  kind: ColumnKind;
  label?: string;
  chars_max?: number;
  /** Shown under the field of a form. */
  hint?: string;
  /** The description in OpenAPI. */
  describe?: string;
  /** Files may contain it, under its name or these headers, best first. */
  synonyms?: readonly string[];
  /** The patch operation sets it, for people and the agents below. */
  patched?: true;
  /** Kinds of agents that may change it. Default: none. */
  agents?: readonly AgentKind[];
  /** It may change after the erasure. */
  moves?: true;
  /** Imports fill it in from the rows of the account's leads. */
  filled?: true;
  /** The reason why changes are not audited. */
  unaudited?: string;
  /** Left out of answers. */
  hidden?: true;
  /** Shown in the details of the lead's page. */
  in_details?: true;
};
/** A field of answers or files that another table holds. */
export type Elsewhere = Declared & { elsewhere: string };
export type Column = (Declared & Erasure) | Elsewhere;
export type Columns = Readonly<Record<string, Column>>;

/** The kinds whose values fit a column of a row. */
type KindOf<Value> = {
  [K in ColumnKind]: [KindValues[K], Value] extends [Value, KindValues[K]] ? K : never;
}[ColumnKind];
/** A declaration for each column of a row, of a kind that fits its type: a missing or misspelled column does not compile. */
export type ColumnsOf<Row> = {
  readonly [Name in keyof Row]: Declared & Erasure & { kind: KindOf<Row[Name]> };
};

/** The columns whose declaration has a property. */
export type NamesWith<Table, Property extends string> = {
  [Name in keyof Table]: Table[Name] extends Record<Property, unknown> ? Name : never;
}[keyof Table];

export function namesWith<const Table extends Columns, Property extends string>(
  table: Table,
  property: Property,
): NamesWith<Table, Property>[] {
  return Object.keys(table).filter((name) => property in table[name]!) as NamesWith<Table, Property>[];
}

/** Role agents and system agents. Brains propose audiences, so they set no column that an audience selects by. */
export const KNOWING = ['role', 'system'] as const satisfies readonly AgentKind[];
/** For columns that decide gates, the local day, the segment, and the owner (AGT-202 routes tiers). */
export const PRODUCT = ['system'] as const satisfies readonly AgentKind[];

/** A column that people and these agents set with the patch operation. */
export const set = <const Kind extends ColumnKind, const More extends object>(
  kind: Kind,
  label: string,
  agents: readonly AgentKind[],
  more: More,
) => ({ kind, label, agents, patched: true, ...more }) as const;

/** The same for personal data, which erasing clears. A number is a text of at most that many characters. */
export const said = <const Kind extends ColumnKind | number, const More extends object = object>(
  kind: Kind,
  label: string,
  agents: readonly AgentKind[],
  more?: More,
) => {
  const of = (typeof kind === 'number' ? 'text' : kind) as Kind extends number ? 'text' : Kind & ColumnKind;
  const chars = typeof kind === 'number' ? { chars_max: kind } : {};
  return set(of, label, agents, { erased: 'NULL', ...chars, ...(more as More) });
};

/** A column that triggers maintain. */
export const derived = <const Kind extends ColumnKind>(kind: Kind, stays: string) =>
  ({ kind, stays, moves: true, unaudited: stays }) as const;

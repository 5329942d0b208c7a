import { createHash } from 'node:crypto';
import type { FieldError } from '../../errors.ts';
import type { ServiceRecordsRow } from '../../schema.gen.ts';
import type { Lineage } from './lineage.ts';

/** The fields that name something, the most exact first: where one says nothing, the next one does. */
export const NAMING = [
  ...(['opportunity_id', 'enrollment_id', 'subject_id', 'lead_id', 'account_id'] as const),
  ...(['play_id', 'originating_proposal_id', 'campaign_id'] as const),
];
type Naming = (typeof NAMING)[number];
const KIND_OF = {
  opportunity_id: 'opportunity',
  enrollment_id: 'enrollment',
  lead_id: 'lead',
  account_id: 'account',
  play_id: 'play',
  originating_proposal_id: 'proposal',
  campaign_id: 'campaign',
} as const satisfies Record<Exclude<Naming, 'subject_id'>, Lineage['kind']>;
const COLUMNS = Object.keys(KIND_OF) as (keyof typeof KIND_OF)[];

/** A row as its service hands it in. */
export type GivenRow = Pick<ServiceRecordsRow, 'service' | 'external_id'> &
  Record<Naming, string | null> & { kind: string | null; occurred_at: Date };
type Ids = Pick<ServiceRecordsRow, (typeof COLUMNS)[number]>;
type Source = { field: Naming; lineage: Lineage };

/** The same for the same row, however its time zone is written. */
export function contentHashOf(given: GivenRow): string {
  const content = [given.service, given.external_id, given.kind, given.occurred_at.toISOString()];
  const named = NAMING.map((field) => given[field]);
  return createHash('sha256')
    .update(JSON.stringify([...content, ...named]))
    .digest('hex');
}

/**
 * The ids that are stored with a row, as the database accepts them (db/routines/service_records.sql), or the faults of the
 * row: ids that name nothing, and ids that contradict each other.
 */
export function settledIds(
  given: GivenRow,
  lineages: ReadonlyMap<string, Lineage>,
): { ids: Ids; is_erased: boolean; field: Naming } | { errors: FieldError[] } {
  const named = NAMING.filter((field) => given[field] !== null);
  if (named.length === 0)
    return { errors: [{ path: 'subject_id', message: 'is required, unless another id is given' }] };
  const unknown = named.filter((field) => lineageOf(given, field, lineages) === undefined);
  if (unknown.length > 0) return { errors: unknown.map((path) => ({ path, message: wordsFor(path) })) };
  const sources = named.map((field): Source => ({ field, lineage: lineageOf(given, field, lineages)! }));
  const anchor = anchorOf(sources);
  const ids = idsOf(sources, anchor);
  const errors = sources
    .filter((source) => !fits(source, ids, anchor))
    .map(({ field }) => ({ path: field, message: misfit(field, anchor) }));
  if (errors.length > 0) return { errors };
  if (COLUMNS.every((column) => ids[column] === null))
    return { errors: [{ path: named[0]!, message: 'names no person, account, play, or proposal' }] };
  const is_erased = sources.some(({ lineage }) => lineage.is_erased);
  return { ids, is_erased, field: sources.find(({ lineage }) => lineage.is_erased)?.field ?? named[0]! };
}

function lineageOf(given: GivenRow, field: Naming, lineages: ReadonlyMap<string, Lineage>) {
  const found = lineages.get(given[field]!);
  return field === 'subject_id' || found?.kind === KIND_OF[field] ? found : undefined;
}

function wordsFor(field: Naming): string {
  return field === 'subject_id' ? 'names nothing here' : `names no ${KIND_OF[field]}`;
}

/** The opportunity, else the enrollment: it fixes the lineage. */
function anchorOf(sources: readonly Source[]): Lineage | undefined {
  const all = sources.map(({ lineage }) => lineage);
  return (
    all.find(({ opportunity_id }) => opportunity_id !== null) ??
    all.find(({ enrollment_id }) => enrollment_id !== null)
  );
}

/** Without opportunity or enrollment there is no campaign. The account beside a lead is the lead's. */
function idsOf(sources: readonly Source[], anchor: Lineage | undefined): Ids {
  const first = (column: keyof Ids) =>
    sources.find(({ lineage }) => lineage[column] !== null)?.lineage[column] ?? null;
  if (anchor !== undefined) {
    return Object.fromEntries(COLUMNS.map((column) => [column, anchor[column]])) as Ids;
  }
  const of_play = sources.find(({ lineage }) => lineage.play_id !== null)?.lineage;
  const of_person = sources.find(({ lineage }) => lineage.lead_id !== null)?.lineage;
  return {
    opportunity_id: null,
    enrollment_id: null,
    lead_id: of_person?.lead_id ?? null,
    account_id: of_person === undefined ? first('account_id') : of_person.account_id,
    play_id: of_play?.play_id ?? null,
    originating_proposal_id: (of_play ?? { originating_proposal_id: first('originating_proposal_id') })
      .originating_proposal_id,
    campaign_id: null,
  };
}

/** A field must be kept as it names it; of a subject, everything that follows from it, except an account that may change. */
function fits({ field, lineage }: Source, ids: Ids, anchor: Lineage | undefined): boolean {
  if (field !== 'subject_id') return ids[field] === lineage[field];
  return COLUMNS.every(
    (column) =>
      lineage[column] === null ||
      lineage[column] === ids[column] ||
      (column === 'account_id' && lineage.kind !== 'account') ||
      (column === 'campaign_id' && anchor === undefined),
  );
}

function misfit(field: Naming, anchor: Lineage | undefined): string {
  if (anchor !== undefined)
    return `is not that of the ${anchor.opportunity_id === null ? 'enrollment' : 'opportunity'}`;
  return field === 'campaign_id' ? 'needs an enrollment or an opportunity' : 'contradicts the other ids';
}

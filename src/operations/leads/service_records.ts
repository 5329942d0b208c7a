/** Rows of other services, with the lineage of what they are about. */
import { z } from 'zod';
import { HOUR_MS } from '../../core/durations.ts';
import type { Tx } from '../../db/pool.ts';
import * as sql from '../../db/queries/service_records.gen.ts';
import { AppError, type FieldError } from '../../errors.ts';
import { newId } from '../../ids.ts';
import { SERVICE_NAME_VALUES } from '../../schema.gen.ts';
import { id, inputInvalid, instant, kept, noun } from '../fields.ts';
import { leadFilter, rowsOfPerson } from '../lead_keys.ts';
import { operation, transact } from '../operation.ts';
import { NEWEST_FIRST, pagedList } from '../page.ts';
import { EXAMPLE_ID, lineageIds, lineageKey, lineagesOf } from './lineage.ts';
import { contentHashOf, type GivenRow, NAMING, settledIds } from './service_rows.ts';

const ROWS_MAX = 500;
const service = z.enum(SERVICE_NAME_VALUES);

const record = noun('ServiceRecord', {
  id,
  service,
  external_id: z.string().describe('id of the row in its service'),
  kind: z.string().nullable(),
  ...lineageIds,
  lead_id: lineageIds.lead_id.describe('the lead of which the row was recorded, also after a merge'),
  occurred_at: instant,
  recorded_by_agent_id: z.string().nullable(),
  recorded_by_user_id: id.nullable(),
  created_at: instant,
});

const optional = (what: string) => id.nullish().describe(what);
const ROW = {
  service,
  external_id: z
    .string()
    .regex(/^[!-?A-~]{1,200}$/, 'expected an id of 1 to 200 visible ASCII characters without spaces and @')
    .describe('id of the row in its service; it is stored once'),
  kind: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.:/-]{0,99}$/, 'expected a word such as qbr_held')
    .nullish()
    .describe('the service’s own word for the row, such as qbr_held; deleted with the lead’s personal data'),
  occurred_at: kept(z.iso.datetime({ offset: true })).describe('when it happened, never in the future'),
  subject_id: lineageKey
    .nullish()
    .describe(
      'what the row is about: any id here, or the CRM record of a lead. The other ids follow from it.',
    ),
  lead_id: lineageKey.nullish().describe('id or CRM record of the lead; default: from the other ids'),
  account_id: optional('must be that of the opportunity or lead, if one is named'),
  enrollment_id: optional('fixes campaign, play, and proposal'),
  opportunity_id: optional('fixes enrollment, campaign, play, and proposal'),
  campaign_id: optional('must be that of the enrollment or opportunity'),
  play_id: optional('must be that of the enrollment or opportunity, if one is named'),
  originating_proposal_id: optional('must be that of the enrollment, opportunity, or play, if one is named'),
};
const row = z.strictObject(ROW).meta({
  id: 'ServiceRow',
  examples: [
    {
      ...{
        service: 'qbr_log',
        external_id: 'qbr-2031',
        kind: 'qbr_held',
        occurred_at: '2026-10-05T09:00:00Z',
      },
      subject_id: EXAMPLE_ID,
    },
  ],
});

const recordRows = operation({
  name: 'record_service_rows',
  summary:
    'Record rows of other services with their lineage, all or none. A row that was recorded before is answered as known; rows never change.',
  http: { method: 'POST', path: '/service_records' },
  cli: { command: 'service-records add' },
  mcp: {
    tool: 'record_service_rows',
    title: 'Record rows of a service',
    effect: { destructive: false, idempotent: true, reaches_out: false },
  },
  input: z.object({ rows: z.array(row).min(1).max(ROWS_MAX).describe(`1 to ${ROWS_MAX}`) }),
  output: z.object({
    recorded_count: z.int(),
    known_count: z.int().describe('recorded before, with the same content'),
    items: z
      .array(
        noun('RecordedServiceRow', {
          ...record.shape,
          is_known: z.boolean().describe('recorded before; nothing changed'),
        }),
      )
      .describe('in the order of `rows`'),
  }),
  errors: 'lead_erased service_record_differs identity_immutable unknown_reference role_required',
  run: async ({ context, principal, input }) => {
    const given = input.rows.map(readRow);
    refuseTwins(given);
    return transact({ context, principal }, async ({ tx, org_id, now }) => {
      const hashed = given.map((one) => ({
        ...one,
        id: newId(context.clock),
        content_hash: contentHashOf(one),
      }));
      const before = await sql.recordedRows.run({ org_id, rows: hashed.map(keyOf) }, tx);
      const known = new Set(before.map(({ content_hash }) => content_hash));
      const open = hashed.map((one, at) => ({ one, at })).filter(({ one }) => !known.has(one.content_hash));
      const ids = await idsOf(tx, org_id, open, now);
      const rows = hashed.map((one) => (ids.has(one.id) ? { ...one, ...ids.get(one.id) } : keyOf(one)));
      const added = rows.filter((one) => ids.has(one.id));
      if (added.length > 0) await sql.insertServiceRecords.run({ org_id, rows: added }, tx);
      const stored = await sql.recordedRows.run({ org_id, rows }, tx);
      const by_key = new Map(stored.map((one) => [nameOf(one), one]));
      const items = rows.map((one) => by_key.get(nameOf(one))!);
      refuseOthers(items);
      const known_count = items.filter(({ is_known }) => is_known).length;
      return { recorded_count: items.length - known_count, known_count, items };
    });
  },
});

const list = pagedList({
  name: 'list_service_records',
  summary: 'List rows that other services recorded with their lineage, newest first.',
  path: '/service_records',
  cli: {
    command: 'service-records',
    columns: 'service external_id kind lead_id account_id play_id originating_proposal_id occurred_at',
    empty: 'No rows of services. Agents of services record them: touchline service-records add --rows JSON',
  },
  mcp: { tool: 'list_service_records', title: 'List rows of services' },
  filters: {
    service: service.optional(),
    lead_id: leadFilter.describe('of one lead, including the leads merged into it'),
    originating_proposal_id: id.optional(),
  },
  item: record,
  order: NEWEST_FIRST,
  rows: async ({ page: { lead_id: key, ...page }, db }) => {
    const lead_ids = await rowsOfPerson(db, page.org_id, key);
    return sql.listServiceRecords.run({ ...page, lead_ids }, db);
  },
});

export const serviceRecordOperations = [recordRows, list] as const;

function readRow({ occurred_at, kind = null, ...given }: z.output<typeof row>): GivenRow {
  const named = Object.fromEntries(NAMING.map((field) => [field, given[field] ?? null]));
  const { service, external_id } = given;
  return { service, external_id, kind, occurred_at: new Date(occurred_at), ...named } as GivenRow;
}

const nameOf = ({ service, external_id }: Pick<GivenRow, 'service' | 'external_id'>) =>
  `${service} ${external_id}`;
/** The key of a stored row. */
const keyOf = ({
  service,
  external_id,
  id,
  content_hash,
}: GivenRow & { id: string; content_hash: string }) => ({
  ...{ service, external_id, id, content_hash },
});
const pathOf = (at: number, field: string) => `rows[${at}].${field}`;

/** Throws `input_invalid` if two rows of one call have one key. */
function refuseTwins(rows: readonly GivenRow[]): void {
  const first = new Map<string, number>();
  const errors = rows.flatMap((one, at): FieldError[] => {
    const earlier = first.get(nameOf(one));
    if (earlier === undefined) first.set(nameOf(one), at);
    return earlier === undefined
      ? []
      : [{ path: pathOf(at, 'external_id'), message: `is also that of rows[${earlier}]` }];
  });
  if (errors.length > 0) throw inputInvalid(...errors);
}

/** The ids to store by the id of each row. Throws `input_invalid` with every fault, and `lead_erased`. */
async function idsOf(
  tx: Tx,
  org_id: string,
  open: readonly { one: GivenRow & { id: string }; at: number }[],
  now: Date,
) {
  const keys = open.flatMap(({ one }) => NAMING.map((field) => one[field]));
  const lineages = await lineagesOf(
    tx,
    org_id,
    keys.filter((key) => key !== null),
  );
  const settled = open.map(({ one, at }) => ({ one, at, found: settledIds(one, lineages) }));
  const errors = settled.flatMap(({ one, at, found }) => [
    ...('errors' in found ? found.errors : []).map((fault) => ({ ...fault, path: pathOf(at, fault.path) })),
    ...(one.occurred_at.getTime() > now.getTime() + HOUR_MS
      ? [{ path: pathOf(at, 'occurred_at'), message: 'is in the future' }]
      : []),
  ]);
  if (errors.length > 0) throw inputInvalid(...errors);
  const read = settled.flatMap(({ one, at, found }) => ('errors' in found ? [] : [{ one, at, ...found }]));
  const erased = read.filter(({ is_erased }) => is_erased);
  if (erased.length > 0) {
    throw new AppError('lead_erased', 'A lead was erased for good.', {
      errors: erased.map(({ at, field }) => ({ path: pathOf(at, field), message: 'was erased' })),
      hint: 'Leave these rows out: nothing about a person is recorded for an erased lead.',
    });
  }
  return new Map(read.map(({ one, ids }) => [one.id, ids]));
}

/** Throws `service_record_differs` for stored rows with another content. */
function refuseOthers(items: readonly sql.RecordedRowsResult[]): void {
  const errors = items.flatMap(({ is_known, differs }, at) =>
    is_known && differs
      ? [{ path: pathOf(at, 'external_id'), message: 'was recorded with another content' }]
      : [],
  );
  if (errors.length === 0) return;
  throw new AppError('service_record_differs', 'A row was recorded before with another content.', {
    errors,
    hint: 'Rows never change. Record a correction as a new row with its own external ID.',
  });
}

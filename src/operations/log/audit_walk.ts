import { z } from 'zod';
import { chainHash } from '../../coordinator/upkeep/event_chain.ts';
import type { ActingDb } from '../../db/pool.ts';
import * as event_chain from '../../db/queries/event_chain.gen.ts';
import { id, noun, nullableInstant } from '../fields.ts';
import { FIRST_ID } from '../page.ts';

/** Per statement: far within its timeout, and all that is ever in memory. */
const ROWS = 10_000;
const BATCHES = 1_000;

export const finding = noun('AuditFinding', {
  what: z
    .enum([
      ...(['changed', 'missing', 'unrecorded', 'reordered', 'rewritten', 'cut', 'unexpected'] as const),
      ...(['text_changed', 'erasure_unfinished'] as const),
    ])
    .describe(
      'changed, missing: a row; unrecorded: a row inserted outside Touchline; reordered, rewritten: a batch of ' +
        'rows; cut: the end of the chain; unexpected: the chain lacks the expected hash; text_changed: an approved or sent ' +
        'text; erasure_unfinished: records were opened for an erasure that never happened',
    ),
  says: z.string().describe('the fault in one sentence'),
  log: z.enum(['events', 'audit']).nullable(),
  place: z.number().nullable().describe('of the batch in the chain'),
  row_id: id.nullable(),
  at: nullableInstant.describe('time of the row'),
});
type Finding = z.input<typeof finding>;

/** The progress of a verification. */
export const walkState = z.object({
  phase: z.enum(['chain', 'events', 'audit', 'approvals', 'erasures', 'done']),
  /** The end of the chain when the verification began; batches sealed later are left to the next one. */
  head: z.object({ place: z.number(), hash: z.string() }),
  is_whole: z.boolean(),
  place: z.number(),
  hash: z.string().max(64),
  batches: z.number(),
  rows: z.number(),
  as_found: z.number(),
  is_expected: z.boolean(),
  /** The last row read, and the number of rows read. */
  at: z.string().regex(/^(-infinity|\d{4,6}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?\+00)$/),
  id: z.uuid(),
  seen: z.number(),
});
export type Walk = z.output<typeof walkState>;

export const START = {
  phase: 'chain',
  place: 0,
  batches: 0,
  rows: 0,
  as_found: 0,
  is_expected: false,
  at: '-infinity',
  id: FIRST_ID,
  seen: 0,
} as const;

type Scope = { db: ActingDb; org_id: string; expect: string | null };
type Step = (scope: Scope, walk: Walk) => Promise<Walk | Finding>;

/** Runs one statement of each phase: returns the progress, or the first fault. */
export const STEP: Readonly<Record<Exclude<Walk['phase'], 'done'>, Step>> = {
  chain: walkChain,
  events: walkEvents,
  audit: walkAudit,
  approvals: walkApprovals,
  erasures: checkErasures,
};

/** Checks that each batch has its place and predecessor, and that its rows are unchanged. */
async function walkChain(scope: Scope, walk: Walk): Promise<Walk | Finding> {
  const { db, org_id, expect } = scope;
  const { place: after_place } = walk;
  const batches = await event_chain.checkBatches.run({ org_id, after_place, limit: BATCHES, rows: ROWS }, db);
  const next = { ...walk, is_expected: walk.is_expected || expect === null || expect === walk.hash };
  for (const batch of batches) {
    if (walk.is_whole && next.place === walk.head.place) break;
    const wrong = await faultOf(scope, next, batch);
    if (wrong) return wrong;
    next.place = batch.place;
    next.hash = batch.hash.toString('hex');
    next.batches += 1;
    next.rows += batch.row_count;
    if (batch.as_found) next.as_found += batch.row_count;
    if (next.hash === expect) next.is_expected = true;
  }
  const is_end = batches.length === 0 || (walk.is_whole && next.place === walk.head.place);
  if (!is_end) return next;
  return endFault(next) ?? { ...next, phase: 'events' };
}

async function faultOf(
  scope: Scope,
  walk: Walk,
  batch: event_chain.CheckBatchesResult,
): Promise<Finding | null> {
  const place = walk.place + 1;
  const log = batch.kind === 'audit' ? 'audit' : 'events';
  const about = { log, place: batch.place, row_id: null, at: null } as const;
  if (batch.place !== place) {
    const gone =
      batch.place === place + 1 ? `Batch ${place} is` : `Batches ${place} to ${batch.place - 1} are`;
    return { ...about, what: 'cut', place, log: null, says: `${gone} missing from the chain.` };
  }
  const previous = Buffer.from(walk.hash, 'hex');
  if (!batch.previous_hash.equals(previous)) return misplaced(scope, previous, { ...about, place });
  if (batch.fault_id !== null && batch.fault_at !== null) {
    const { fault_id: row_id, fault_at: at } = batch;
    const row = `${log === 'audit' ? 'Line' : 'Event'} ${row_id} of ${at.toISOString()} (batch ${place})`;
    return batch.fault_is_missing
      ? { ...about, what: 'missing', row_id, at, says: `${row} is missing.` }
      : { ...about, what: 'changed', row_id, at, says: `${row} was changed.` };
  }
  if (batch.hash.equals(chainHash(scope.org_id, batch, place, previous))) return null;
  return { ...about, what: 'rewritten', says: `Batch ${place} is not the batch that was sealed there.` };
}

/** The batch was sealed after a different predecessor: it was moved, or its predecessor was replaced. */
async function misplaced(
  { db, org_id }: Scope,
  previous_hash: Buffer,
  about: Omit<Finding, 'what' | 'says'> & { place: number },
): Promise<Finding> {
  const [elsewhere] = await event_chain.batchAfterHash.run({ org_id, previous_hash }, db);
  if (elsewhere !== undefined) {
    const says = `The batch at place ${about.place} was moved; the batch that belongs there is at ${elsewhere.place}.`;
    return { ...about, what: 'reordered', says };
  }
  const says = `Batch ${about.place} does not follow the batch before it: one of them was replaced.`;
  return { ...about, what: 'rewritten', says };
}

function endFault(walk: Walk): Finding | null {
  const { head, place, hash } = walk;
  const about = { log: null, place, row_id: null, at: null };
  if (place < head.place) {
    const says = `The chain ends at place ${place}, but it ended at ${head.place}: the last ${head.place - place} batches are missing.`;
    return { ...about, what: 'cut', says };
  }
  if (place !== head.place || hash !== head.hash) {
    const says = `The chain ends at place ${place}, but its head names a different end (place ${head.place}).`;
    return { ...about, what: 'rewritten', says };
  }
  if (walk.is_expected) return null;
  const says = 'The chain is intact but lacks the expected hash: it was cut or rewritten.';
  return { ...about, what: 'unexpected', says };
}

/** Checks that a batch holds every event, and that each message still has the text that was sent. */
async function walkEvents({ db, org_id }: Scope, walk: Walk): Promise<Walk | Finding> {
  const { at: after_at, id: after_id } = walk;
  const [page] = await event_chain.unbatchedEvents.run({ org_id, after_at, after_id, limit: ROWS }, db);
  const { row_count, last_at, last_id, stray_at, stray_id, changed_at, changed_queue_id } = page!;
  if (stray_id !== null && stray_at !== null) return unrecorded('events', stray_id, stray_at);
  if (changed_queue_id !== null && changed_at !== null) {
    const says = `The message of queue item ${changed_queue_id} differs from the text sent on ${changed_at.toISOString()}.`;
    return textChanged(changed_queue_id, changed_at, says);
  }
  const seen = walk.seen + row_count;
  if (row_count < ROWS) return { ...walk, phase: 'audit', id: FIRST_ID, seen };
  return { ...walk, at: last_at!, id: last_id!, seen };
}

async function walkAudit({ db, org_id }: Scope, walk: Walk): Promise<Walk | Finding> {
  const [page] = await event_chain.unbatchedAudit.run({ org_id, after_id: walk.id, limit: ROWS }, db);
  const { row_count, last_id, stray_at, stray_id } = page!;
  if (stray_id !== null && stray_at !== null) return unrecorded('audit', stray_id, stray_at);
  const seen = walk.seen + row_count;
  return row_count < ROWS
    ? { ...walk, phase: 'approvals', id: FIRST_ID, seen }
    : { ...walk, id: last_id!, seen };
}

/** Checks that each approved text is unchanged. */
async function walkApprovals({ db, org_id }: Scope, walk: Walk): Promise<Walk | Finding> {
  const [page] = await event_chain.approvedTexts.run({ org_id, after_key: walk.id, limit: ROWS }, db);
  const { row_count, last_key, changed_at, changed_draft_id } = page!;
  if (changed_draft_id !== null && changed_at !== null) {
    const says = `Draft ${changed_draft_id} differs from the text approved on ${changed_at.toISOString()}.`;
    return textChanged(changed_draft_id, changed_at, says);
  }
  return row_count < ROWS ? { ...walk, phase: 'erasures' } : { ...walk, id: last_key! };
}

/** Records opened for an erasure must belong to a completed erasure. */
async function checkErasures({ db, org_id }: Scope, walk: Walk): Promise<Walk | Finding> {
  const [found] = await event_chain.unfinishedErasure.run({ org_id }, db);
  if (found === undefined) return { ...walk, phase: 'done' };
  const { lead_id, line_id: row_id, at, database_login } = found;
  const says =
    `The database login ${database_login} opened records on ${at.toISOString()} as if to erase lead ${lead_id}, but no erasure ` +
    'followed; the changes are unknown.';
  return { what: 'erasure_unfinished', log: 'audit', place: null, row_id, at, says };
}

function textChanged(row_id: string, at: Date, says: string): Finding {
  return { what: 'text_changed', log: null, place: null, row_id, at, says };
}

function unrecorded(log: 'events' | 'audit', row_id: string, at: Date): Finding {
  const row = `${log === 'audit' ? 'Line' : 'Event'} ${row_id} of ${at.toISOString()}`;
  return { what: 'unrecorded', log, place: null, row_id, at, says: `${row} was inserted outside Touchline.` };
}

import { z } from 'zod';
import { chainHash } from '../../coordinator/upkeep/event_chain.ts';
import type { ActingDb } from '../../db/pool.ts';
import {
  approvedTexts,
  batchAfterHash,
  type CheckBatchesResult,
  checkBatches,
  unbatchedAudit,
  unbatchedEvents,
  unfinishedErasure,
} from '../../db/queries/event_chain.gen.ts';
import { id, noun, nullableInstant } from '../fields.ts';
import { FIRST_ID } from '../page.ts';

/** A statement's share: far within its timeout, and all that is ever held in memory. */
const ROWS = 10_000;
const BATCHES = 1_000;

export const finding = noun('AuditFinding', {
  what: z
    .enum([
      ...(['changed', 'missing', 'unrecorded', 'reordered', 'rewritten', 'cut', 'unexpected'] as const),
      ...(['text_changed', 'erasure_unfinished'] as const),
    ])
    .describe(
      'changed, missing: a row; unrecorded: a row that was put in past the product; reordered, rewritten: a batch of ' +
        'rows; cut: the end of the chain; unexpected: the chain does not hold the hash that was expected; text_changed: the ' +
        'text of a message that was approved or sent; erasure_unfinished: records were opened for an erasure that is not there',
    ),
  says: z.string().describe('what is wrong, in one sentence'),
  log: z.enum(['events', 'audit']).nullable(),
  place: z.number().nullable().describe('of the batch in the chain'),
  row_id: id.nullable(),
  at: nullableInstant.describe('the time of the row'),
});
type Finding = z.input<typeof finding>;

/** How far a verification is. */
export const walkState = z.object({
  phase: z.enum(['chain', 'events', 'audit', 'approvals', 'erasures', 'done']),
  /** The end of the chain as it was at the beginning: what is sealed meanwhile is left to the next one. */
  head: z.object({ place: z.number(), hash: z.string() }),
  is_whole: z.boolean(),
  place: z.number(),
  hash: z.string().max(64),
  batches: z.number(),
  rows: z.number(),
  as_found: z.number(),
  is_expected: z.boolean(),
  /** The last row that was looked up, and how many there were. */
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

/** One statement's worth of each phase: how far it came, or the first thing that is wrong. */
export const STEP: Readonly<Record<Exclude<Walk['phase'], 'done'>, Step>> = {
  chain: walkChain,
  events: walkEvents,
  audit: walkAudit,
  approvals: walkApprovals,
  erasures: checkErasures,
};

/** Each batch stands where it was put, after the one it was put after, and its rows are as they were. */
async function walkChain(scope: Scope, walk: Walk): Promise<Walk | Finding> {
  const { db, org_id, expect } = scope;
  const { place: after_place } = walk;
  const batches = await checkBatches.run({ org_id, after_place, limit: BATCHES, rows: ROWS }, db);
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

async function faultOf(scope: Scope, walk: Walk, batch: CheckBatchesResult): Promise<Finding | null> {
  const place = walk.place + 1;
  const log = batch.kind === 'audit' ? 'audit' : 'events';
  const about = { log, place: batch.place, row_id: null, at: null } as const;
  if (batch.place !== place) {
    const gone =
      batch.place === place + 1 ? `Batch ${place} is` : `Batches ${place} to ${batch.place - 1} are`;
    return { ...about, what: 'cut', place, log: null, says: `${gone} gone from the chain.` };
  }
  const previous = Buffer.from(walk.hash, 'hex');
  if (!batch.previous_hash.equals(previous)) return misplaced(scope, previous, { ...about, place });
  if (batch.fault_id !== null && batch.fault_at !== null) {
    const { fault_id: row_id, fault_at: at } = batch;
    const row = `${log === 'audit' ? 'Line' : 'Event'} ${row_id} of ${at.toISOString()} (batch ${place})`;
    return batch.fault_is_missing
      ? { ...about, what: 'missing', row_id, at, says: `${row} is not there any more.` }
      : { ...about, what: 'changed', row_id, at, says: `${row} is not what was written.` };
  }
  if (batch.hash.equals(chainHash(scope.org_id, batch, place, previous))) return null;
  return { ...about, what: 'rewritten', says: `Batch ${place} is not the one that was sealed at its place.` };
}

/** It was sealed after another batch than the one before it: it stands elsewhere, or the one before it was replaced. */
async function misplaced(
  { db, org_id }: Scope,
  previous_hash: Buffer,
  about: Omit<Finding, 'what' | 'says'> & { place: number },
): Promise<Finding> {
  const [elsewhere] = await batchAfterHash.run({ org_id, previous_hash }, db);
  if (elsewhere !== undefined) {
    const says = `The batch at place ${about.place} belongs elsewhere; the one that belongs there is at ${elsewhere.place}.`;
    return { ...about, what: 'reordered', says };
  }
  const says = `Batch ${about.place} was sealed after another batch than the one before it: one of them was replaced.`;
  return { ...about, what: 'rewritten', says };
}

function endFault(walk: Walk): Finding | null {
  const { head, place, hash } = walk;
  const about = { log: null, place, row_id: null, at: null };
  if (place < head.place) {
    const says = `The chain ends at place ${place}, but it was at ${head.place}: the last ${head.place - place} batches are gone.`;
    return { ...about, what: 'cut', says };
  }
  if (place !== head.place || hash !== head.hash) {
    const says = `The chain ends at place ${place}, and its head names another end (place ${head.place}).`;
    return { ...about, what: 'rewritten', says };
  }
  if (walk.is_expected) return null;
  const says = 'The chain is whole, but it does not hold the expected hash: it was cut, or written anew.';
  return { ...about, what: 'unexpected', says };
}

/** No event stands in the log that no batch holds, and none tells of a message whose text is another by now. */
async function walkEvents({ db, org_id }: Scope, walk: Walk): Promise<Walk | Finding> {
  const { at: after_at, id: after_id } = walk;
  const [page] = await unbatchedEvents.run({ org_id, after_at, after_id, limit: ROWS }, db);
  const { row_count, last_at, last_id, stray_at, stray_id, changed_at, changed_queue_id } = page!;
  if (stray_id !== null && stray_at !== null) return unrecorded('events', stray_id, stray_at);
  if (changed_queue_id !== null && changed_at !== null) {
    const says = `The message of queue item ${changed_queue_id} has not the text with which it was handed over on ${changed_at.toISOString()}.`;
    return textChanged(changed_queue_id, changed_at, says);
  }
  const seen = walk.seen + row_count;
  if (row_count < ROWS) return { ...walk, phase: 'audit', id: FIRST_ID, seen };
  return { ...walk, at: last_at!, id: last_id!, seen };
}

async function walkAudit({ db, org_id }: Scope, walk: Walk): Promise<Walk | Finding> {
  const [page] = await unbatchedAudit.run({ org_id, after_id: walk.id, limit: ROWS }, db);
  const { row_count, last_id, stray_at, stray_id } = page!;
  if (stray_id !== null && stray_at !== null) return unrecorded('audit', stray_id, stray_at);
  const seen = walk.seen + row_count;
  return row_count < ROWS
    ? { ...walk, phase: 'approvals', id: FIRST_ID, seen }
    : { ...walk, id: last_id!, seen };
}

/** Each text that a person approved still reads as it did then. */
async function walkApprovals({ db, org_id }: Scope, walk: Walk): Promise<Walk | Finding> {
  const [page] = await approvedTexts.run({ org_id, after_key: walk.id, limit: ROWS }, db);
  const { row_count, last_key, changed_at, changed_draft_id } = page!;
  if (changed_draft_id !== null && changed_at !== null) {
    const says = `Draft ${changed_draft_id} has not the text that was approved on ${changed_at.toISOString()}.`;
    return textChanged(changed_draft_id, changed_at, says);
  }
  return row_count < ROWS ? { ...walk, phase: 'erasures' } : { ...walk, id: last_key! };
}

/** Whoever opened records as an erasure does has erased somebody, and nothing else. */
async function checkErasures({ db, org_id }: Scope, walk: Walk): Promise<Walk | Finding> {
  const [found] = await unfinishedErasure.run({ org_id }, db);
  if (found === undefined) return { ...walk, phase: 'done' };
  const { lead_id, line_id: row_id, at, database_login } = found;
  const says =
    `The database login ${database_login} opened records on ${at.toISOString()} as if to erase lead ${lead_id}, and no erasure ` +
    'followed: what was changed then is not known.';
  return { what: 'erasure_unfinished', log: 'audit', place: null, row_id, at, says };
}

function textChanged(row_id: string, at: Date, says: string): Finding {
  return { what: 'text_changed', log: null, place: null, row_id, at, says };
}

function unrecorded(log: 'events' | 'audit', row_id: string, at: Date): Finding {
  const row = `${log === 'audit' ? 'Line' : 'Event'} ${row_id} of ${at.toISOString()}`;
  return { what: 'unrecorded', log, place: null, row_id, at, says: `${row} was put in past the product.` };
}

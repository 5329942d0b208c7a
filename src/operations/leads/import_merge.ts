import { setTimeout as sleep } from 'node:timers/promises';
import type { OperationContext } from '../../context.ts';
import { type NewEvent, recordEvents } from '../../coordinator/gate/events.ts';
import { asCoordinator, type Scope } from '../../coordinator/gate/scope.ts';
import { stopLeads } from '../../coordinator/gate/stops.ts';
import { toAppError } from '../../db/errors.ts';
import { type Queryable, type Tx, transaction } from '../../db/pool.ts';
import * as further_addresses from '../../db/queries/import_addresses.gen.ts';
import * as import_records from '../../db/queries/import_records.gen.ts';
import * as imports from '../../db/queries/imports.gen.ts';
import { blockedLeadsWithOpenWork } from '../../db/queries/leads.gen.ts';
import { AppError } from '../../errors.ts';
import { actorOf, type Principal } from '../../principal.ts';
import { notifyAssigned } from './assigning.ts';
import { ERRORS_SHOWN } from './import_rows.ts';

const CHUNK = 5_000;
/** A statement handles a chunk of leads or all accounts of a file; this suffices for a file of millions. */
const STATEMENT_TIMEOUT_MS = 120_000;
const LOCK_TIMEOUT_MS = 30_000;
/** Another import of the org may merge first; a large one takes a while. */
const TURN_POLL_MS = 200;
const TURN_POLLS_MAX = 3_000;
/** No person has a longer chain of addresses; the rest of one is suggested as a merge. */
const LINK_ROUNDS_MAX = 20;
/** Other imports' rows come and go, and the planner's statistics with them. */
const POLLS_PER_ANALYZE = 25;

type Duplicate = { line: number; email: string; kept_line: number };

export type Merged = {
  duplicate_count: number;
  duplicates: Duplicate[];
  /** Erased people: left out. */
  erased_count: number;
  erased_lines: number[];
  /** Rows whose lead has another CRM record: left out. */
  other_record_count: number;
  other_records: Pick<
    import_records.TakeOtherRecordRowsResult,
    'line' | 'crm_contact_id' | 'record_of_lead'
  >[];
  created_count: number;
  updated_count: number;
  /** Addresses added to leads that had others. */
  further_address_count: number;
  /** Leads whose owner the file set. */
  assigned_count: number;
  /** Pairs of leads with one CRM record, which a rule merges after the import. */
  merge_count: number;
  /** Pairs of leads that a person may merge. */
  suggested_merge_count: number;
  /** Leads in the file's rows, changed or not. */
  lead_count: number;
};

type Job = {
  context: OperationContext;
  principal: Principal;
  import_id: string;
  dry_run: boolean;
  /** Records the counts; false when the import was abandoned and its rows are gone. */
  done: (merged: Merged, db: Queryable) => Promise<boolean>;
};

/** Thrown to undo a dry run's transaction. */
const UNDO = new Error('dry run');

/**
 * Merges the rows of an import into accounts and leads in one transaction; `dry_run` rolls it back after counting. Imports
 * of one org take turns. Throws `import_busy` (503) when its turn does not come.
 */
export async function mergeImport(job: Job): Promise<Merged> {
  for (let polls = 0; polls < TURN_POLLS_MAX; polls += 1) {
    if (polls % POLLS_PER_ANALYZE === 0) await analyze(job.context);
    const merged = await tryMerge(job);
    if (merged !== null) return merged;
    await sleep(TURN_POLL_MS);
  }
  throw new AppError('import_busy', 'Another import is still running.', {
    hint: 'Nothing was imported. Send the file again later.',
  });
}

/** Only speed depends on it, so a concurrent analyze is no reason to fail. */
async function analyze(context: OperationContext): Promise<void> {
  try {
    await imports.analyzeImportRows.run({}, context.db);
  } catch (error) {
    if (toAppError(error)?.code !== 'busy') throw error;
  }
}

/** Null when it is another import's turn, or when this one must begin again. */
async function tryMerge(job: Job): Promise<Merged | null> {
  const { context, principal, dry_run, done } = job;
  let counted: Merged | null = null;
  const merging = transaction(
    context.db,
    actorOf(principal),
    async (tx) => {
      const turn = await imports.tryMergeLock.one({ org_id: principal.org_id }, tx);
      if (!turn!.taken) return null;
      const begun = await imports.beginMerge.run({ org_id: principal.org_id, id: job.import_id }, tx);
      if (begun.length === 0) throw abandoned();
      counted = await merge(job, tx);
      if (dry_run) throw UNDO;
      if (!(await done(counted, tx))) throw abandoned();
      return counted;
    },
    // Waits for locks on its leads rather than discarding a whole file.
    { statement_timeout_ms: STATEMENT_TIMEOUT_MS, lock_timeout_ms: LOCK_TIMEOUT_MS },
  );
  try {
    return await merging;
  } catch (error) {
    // A lead of the file was merged since it was found: the next turn finds the lead that it became.
    if (toAppError(error)?.code === 'lead_merged') return null;
    if (error !== UNDO || counted === null) throw error;
    if (!(await done(counted, context.db))) throw abandoned();
    return counted;
  }
}

const abandoned = () => new AppError('import_busy', 'The import took more than a day and was abandoned.');

async function merge(job: Job, tx: Tx): Promise<Merged> {
  const { context, principal, import_id } = job;
  const { org_id } = principal;
  const scope: Scope = { tx, org_id, clock: context.clock };
  const staged = { org_id, import_id };
  // The checks of foreign keys keep their plans: one from when a table was small would read it whole for each new lead.
  await tx.query('DISCARD PLANS');
  const duplicates = await imports.takeDuplicateImportRows.run({ ...staged, limit: ERRORS_SHOWN }, tx);
  const erased = await import_records.takeErasedImportRows.run({ ...staged, limit: ERRORS_SHOWN }, tx);
  for (let round = 0; round < LINK_ROUNDS_MAX; round += 1) {
    if ((await further_addresses.linkImportRows.run(staged, tx)).length === 0) break;
  }
  const by_rule = mayMerge(principal);
  const identified = await imports.identifyImportRows.one(
    { ...staged, by_rule, now: context.clock.now() },
    tx,
  );
  const { pair_count } = identified!;
  const other_records = await import_records.takeOtherRecordRows.run({ ...staged, limit: ERRORS_SHOWN }, tx);
  await imports.fillKeptImportRows.run(staged, tx);
  await imports.lockChangedLeads.run(staged, tx);
  // Read under the locks: a lead decided on before does not appear changed before that.
  const now = context.clock.now();
  await imports.mergeAccounts.run({ ...staged, now }, tx);
  const merged: Merged = {
    duplicate_count: duplicates[0]?.total ?? 0,
    duplicates,
    erased_count: erased[0]?.total ?? 0,
    erased_lines: erased.map(({ line }) => line),
    other_record_count: other_records[0]?.total ?? 0,
    other_records,
    created_count: 0,
    updated_count: 0,
    further_address_count: 0,
    assigned_count: 0,
    merge_count: by_rule ? pair_count : 0,
    suggested_merge_count: by_rule ? 0 : pair_count,
    lead_count: 0,
  };
  for (let after_line = -1; ; ) {
    const chunk = await imports.nextImportChunk.one({ ...staged, after_line, chunk_size: CHUNK }, tx);
    const to_line = chunk?.to_line ?? null;
    if (to_line === null) return merged;
    const range = { ...staged, after_line, to_line, now };
    // Known leads first: a newly inserted lead counts as changed until its signals are inserted.
    const updated = await imports.updateImportedLeads.run(range, tx);
    const created = await imports.insertImportedLeads.run(range, tx);
    const further = await further_addresses.insertImportedAddresses.run(range, tx);
    const suggested = await further_addresses.suggestImportedMerges.run(range, tx);
    await imports.insertImportedSignals.run(range, tx);
    await blockLeads(scope, job, { created, updated });
    const assigned = [...created, ...updated].filter((lead) => lead.newly_assigned);
    await notifyAssigned(
      scope,
      assigned.map((lead) => lead.id),
      now,
      import_id,
    );
    merged.assigned_count += assigned.length;
    merged.created_count += created.length;
    merged.updated_count += updated.length + countOthers(further, [...created, ...updated]);
    merged.further_address_count += further.length;
    merged.suggested_merge_count += suggested.length;
    merged.lead_count += chunk!.row_count;
    after_line = to_line;
  }
}

/** A rule merges leads with one CRM record only in files of those who may merge leads themselves; the database refuses others. */
function mayMerge(principal: Principal): boolean {
  return principal.kind === 'human' && principal.roles.some((role) => role === 'revops' || role === 'admin');
}

/** Leads of which only an address is new. */
function countOthers(further: readonly { lead_id: string }[], known: readonly { id: string }[]): number {
  const ids = new Set(known.map(({ id }) => id));
  return new Set(further.map(({ lead_id }) => lead_id).filter((id) => !ids.has(id))).size;
}

/** Records an event for each lead that the file opts out, and ends their open work, under the locks held. */
async function blockLeads(
  scope: Scope,
  { principal, import_id }: Job,
  { created, updated }: Record<'created' | 'updated', readonly imports.InsertImportedLeadsResult[]>,
): Promise<void> {
  const actor = actorOf(principal);
  const blocked = [...created, ...updated].filter((lead) => lead.newly_blocked);
  if (blocked.length === 0) return;
  const events = blocked.map(
    (lead): NewEvent => ({
      event_type: 'opted_out',
      coordinator_action: 'block',
      resolution: 'import',
      lead_id: lead.id,
      account_id: lead.account_id,
      compliance_status: lead.unsubscribe_flag ? 'unsubscribed' : 'opted_out',
      detail: { import_id },
    }),
  );
  await recordEvents(scope, events, { actor });
  const known_ids = updated.filter((lead) => lead.newly_blocked).map((lead) => lead.id);
  if (known_ids.length === 0) return;
  const { org_id, tx } = scope;
  const open = await blockedLeadsWithOpenWork.run({ org_id, lead_ids: known_ids }, tx);
  const lead_ids = open.map((lead) => lead.id);
  await asCoordinator(tx, actor, () => stopLeads(scope, lead_ids, 'compliance_block'));
}

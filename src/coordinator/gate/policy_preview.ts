import { readTrace } from '../../core/explain/gates.ts';
import type { Outcome } from '../../core/gate/decision.ts';
import type { Policy } from '../../core/gate/policy.ts';
import { outcomeOf, type Replayed, replay } from '../../core/gate/policy_preview.ts';
import { factsFrom } from '../../core/gate/stored_facts.ts';
import type { Queryable } from '../../db/pool.ts';
import { decisionsBetween } from '../../db/queries/events.gen.ts';
import { policyVersions } from '../../db/queries/policies.gen.ts';
import type { SuppressedReason } from '../../schema.gen.ts';
import { storedPolicy } from './policy_document.ts';

/** The maximum number of log entries read: about a second of work, however large the log is. */
const ENTRIES_MAX = 10_000;
const PAGE = 2_000;
const EXAMPLES_MAX = 5;
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

type Change = Replayed & {
  from: Outcome;
  from_reason: SuppressedReason | null;
  count: number;
  examples: { lead_id: string; at: Date }[];
};

export type Preview = {
  since: Date;
  decisions_count: number;
  unchanged_count: number;
  /** Decisions without stored facts, and those that a longer window leaves open. */
  untold_count: number;
  changes: Change[];
};

/** Replays the log's decisions since then under another policy, newest first. Changes nothing. */
export async function previewPolicy(
  db: Queryable,
  { org_id, since, now }: { org_id: string; since: Date; now: Date },
  policy: Policy,
): Promise<Preview> {
  const preview: Preview = { since, decisions_count: 0, unchanged_count: 0, untold_count: 0, changes: [] };
  const policies = new Map<number, Policy>();
  let before = { time: new Date(now.getTime() + 1), id: LAST_ID };
  for (let read = 0; read < ENTRIES_MAX; read += PAGE) {
    const asked = { org_id, since, before_time: before.time, before_id: before.id, limit: PAGE };
    const rows = await decisionsBetween.run(asked, db);
    const versions = rows.flatMap(({ policy_version }) => policy_version ?? []);
    await readPolicies(db, org_id, versions, policies);
    for (const { moment, sequence_type, trace, facts: stored, policy_version, timestamp, ...row } of rows) {
      // Events that follow from a decision have its moment too, but no trace.
      if (moment === null || trace === null) continue;
      preview.decisions_count += 1;
      const policy_then = policies.get(policy_version ?? 0);
      const at_ms = timestamp.getTime();
      const facts = sequence_type === null ? null : factsFrom(stored, { moment, at_ms, sequence_type });
      const asked_again =
        policy_then === undefined || facts === null ? null : replay({ facts, policy_then }, policy);
      count(preview, { ...row, from: outcomeOf(readTrace(trace)), at: timestamp }, asked_again);
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return sorted(preview);
    before = { time: last.timestamp, id: last.id };
  }
  return sorted({ ...preview, since: before.time });
}

type Decided = {
  from: Outcome;
  suppressed_reason: SuppressedReason | null;
  lead_id: string;
  at: Date;
};

function count(
  preview: Preview,
  { from, suppressed_reason: from_reason, lead_id, at }: Decided,
  replayed: Replayed | null,
): void {
  if (replayed === null) {
    preview.untold_count += 1;
    return;
  }
  const { outcome, reason } = replayed;
  if (outcome === from && reason === from_reason) {
    preview.unchanged_count += 1;
    return;
  }
  let change = preview.changes.find(
    (one) =>
      one.from === from &&
      one.from_reason === from_reason &&
      one.outcome === outcome &&
      one.reason === reason,
  );
  if (change === undefined) {
    change = { from, from_reason, ...replayed, count: 0, examples: [] };
    preview.changes.push(change);
  }
  change.count += 1;
  const is_known = change.examples.some((example) => example.lead_id === lead_id);
  if (!is_known && change.examples.length < EXAMPLES_MAX) change.examples.push({ lead_id, at });
}

async function readPolicies(
  db: Queryable,
  org_id: string,
  versions: readonly number[],
  known: Map<number, Policy>,
): Promise<void> {
  const unread = [...new Set(versions)].filter((version) => !known.has(version));
  if (unread.length === 0) return;
  const rows = await policyVersions.run({ org_id, versions: unread }, db);
  for (const { version, document } of rows) known.set(version, storedPolicy(document));
}

function sorted(preview: Preview): Preview {
  preview.changes.sort((a, b) => b.count - a.count);
  return preview;
}

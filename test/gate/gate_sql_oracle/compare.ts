/** The gate's answers beside the oracle's. */
import { readFileSync } from 'node:fs';
import { defaultPolicy } from '../../../src/coordinator/gate/policy_document.ts';
import type { Decision } from '../../../src/core/gate/decision.ts';
import type { Facts } from '../../../src/core/gate/facts.ts';
import type { Policy } from '../../../src/core/gate/policy.ts';
import type { OwnerPool } from '../../../src/db/pool.ts';
import type { Batch } from './cases.ts';

export type Gate = (facts: Facts, policy: Policy) => Decision;

type Traced = [gate: string, says: string, because: string];
/** A decision in the form in which oracle.sql gives it. */
export type Answer = [
  outcome: string,
  reason: string | null,
  until_ms: number | null,
  wake: string | null,
  losers: string[],
  loser_until_ms: number | null,
  flags: [kind: string, for_agent: string][],
  notify_agents: string[],
  touches_in_window: number,
  trace: Traced[],
];
export type Difference = { facts: Facts; policy: Policy; gate: Answer; oracle: Answer };

/** Creates the oracle in a database that has nothing else. */
export async function installOracle(db: OwnerPool): Promise<void> {
  await db.query(readFileSync(new URL('oracle.sql', import.meta.url), 'utf8'));
}

export async function askOracle(db: OwnerPool, batch: Batch): Promise<Answer[]> {
  const { rows } = await db.query<{ answers: Answer[] | null }>(
    'SELECT jsonb_agg(answer ORDER BY n) AS answers FROM gate_oracle.answers($1)',
    [JSON.stringify(batch)],
  );
  return rows[0]!.answers ?? [];
}

function answerOf(decision: Decision): Answer {
  return [
    decision.outcome,
    decision.reason,
    decision.until_ms,
    decision.wake,
    [...decision.losers],
    decision.loser_until_ms,
    decision.flags.map(({ kind, for_agent }) => [kind, for_agent]),
    [...decision.notify_agents],
    decision.touches_in_window,
    decision.trace.map(({ gate, says, because }) => [gate, says, because]),
  ];
}

export function differencesIn(batch: Batch, oracle: readonly Answer[], gate: Gate): Difference[] {
  return batch.cases.flatMap((one, index) => {
    const policy = batch.policies[one.policy]!;
    const given = answerOf(gate(one.facts, policy));
    if (isSame(given, oracle[index])) return [];
    return [{ facts: one.facts, policy, gate: given, oracle: oracle[index]! }];
  });
}

/** The same difference with as little in the case as still shows one. */
export async function smallest(db: OwnerPool, found: Difference, gate: Gate): Promise<Difference> {
  let least = found;
  for (;;) {
    const simpler = [
      ...simplerFacts(least.facts).map((facts) => ({ facts, policy: least.policy })),
      ...simplerPolicies(least.policy).map((policy) => ({ facts: least.facts, policy })),
    ];
    const batch: Batch = {
      policies: simpler.map(({ policy }) => policy),
      cases: simpler.map(({ facts }, policy) => ({ facts, policy })),
    };
    const [first] = differencesIn(batch, await askOracle(db, batch), gate);
    if (first === undefined) return least;
    least = first;
  }
}

/** One thing less each, the largest steps first. */
function simplerFacts(facts: Facts): Facts[] {
  const { touches, active_sequences, public_holidays } = facts;
  const plain: Partial<Facts> = {
    touches: [],
    public_holidays: [],
    active_sequences: [],
    unsubscribe_flag: false,
    opt_out_flag: false,
    suppressed_address: false,
    organization: 'own',
    abm_active: false,
    sales_signal_at_ms: null,
    marketing_signal_at_ms: null,
    icp_tier: null,
    cadence_state: 'idle',
    moment: 'requested',
    time_zone: 'UTC',
  };
  const changed = Object.entries(plain).map(([field, value]) => ({ ...facts, [field]: value }) as Facts);
  const fewer = touches.map((_, at) => ({ ...facts, touches: touches.toSpliced(at, 1) }));
  const opener = public_holidays.map((_, at) => ({
    ...facts,
    public_holidays: public_holidays.toSpliced(at, 1),
  }));
  const quieter = active_sequences.map((_, at) => ({
    ...facts,
    active_sequences: active_sequences.toSpliced(at, 1),
  }));
  return [...changed, ...fewer, ...opener, ...quieter].filter((one) => !isSame(one, facts));
}

/** One part more as it is shipped. */
function simplerPolicies(policy: Policy): Policy[] {
  const shipped = Object.entries(defaultPolicy());
  return shipped
    .map(([part, value]) => ({ ...policy, [part]: value }) as Policy)
    .filter((one) => !isSame(one, policy));
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

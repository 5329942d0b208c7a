/** Repeats every decision in a world's log from its stored facts and the policy in force at the time. */
import { expect, test } from 'vitest';
import { storedPolicy } from '../../src/coordinator/gate/policy_document.ts';
import { readTrace } from '../../src/core/explain/gates.ts';
import { decide } from '../../src/core/gate/gates.ts';
import type { Policy } from '../../src/core/gate/policy.ts';
import { outcomeOf } from '../../src/core/gate/policy_preview.ts';
import { factsFrom } from '../../src/core/gate/stored_facts.ts';
import type { CadenceEventLogRow, GateMoment } from '../../src/schema.gen.ts';
import type { TestDb } from '../database.ts';

/** Facts contain no words about a person: only ids, times, dates, zones, and the product's own words. */
const CODE = /^[A-Za-z0-9_:./+-]{1,64}$/;

/**
 * Runs after the tests of a file: every decision of its worlds must follow from its facts, with at least one at each of
 * `moments`.
 */
export function replaysEveryDecision(db: TestDb, moments: readonly GateMoment[]): void {
  test('every decision in the log can be replayed from its stored facts', async () => {
    const { rows } = await db.query<{ org_id: string }>('SELECT org_id FROM organizations');
    const counted = await Promise.all(rows.map(({ org_id }) => replayDecisions(db, org_id)));
    const reached = new Set(counted.flatMap((by_moment) => Object.keys(by_moment)));
    expect([...reached]).toEqual(expect.arrayContaining([...moments]));
  });
}

/** Fails at the first decision that differs. Returns the number of decisions at each moment. */
async function replayDecisions(db: TestDb, org_id: string): Promise<Record<string, number>> {
  const policies = await policiesOf(db, org_id);
  const { rows } = await db.query<CadenceEventLogRow>(
    `SELECT * FROM cadence_event_log WHERE org_id = $1 AND trace IS NOT NULL ORDER BY timestamp, id`,
    [org_id],
  );
  const counted: Record<string, number> = {};
  for (const row of rows) {
    const { moment, sequence_type, timestamp, policy_version } = row;
    const named = `${row.event_type} ${row.id}`;
    if (moment === null || sequence_type === null) throw new Error(`${named} is not a decision`);
    const facts = factsFrom(row.facts, { moment, at_ms: timestamp.getTime(), sequence_type });
    if (facts === null) throw new Error(`${named} has no facts`);
    const decision = decide(facts, policies.get(policy_version!)!);
    expect(decision.trace, named).toEqual(row.trace);
    expect(decision.outcome, named).toBe(outcomeOf(readTrace(row.trace)));
    expect(decision.touches_in_window, named).toBe(row.touch_cap_at_event);
    if (row.event_type !== 'marked_sent') {
      expect(decision.reason, named).toBe(row.suppressed_reason);
      expectUntil(decision, row, named);
    }
    for (const word of JSON.stringify(row.facts).matchAll(/"([^"]*)"/g)) expect(word[1]).toMatch(CODE);
    counted[moment] = (counted[moment] ?? 0) + 1;
  }
  return counted;
}

/** A touch behind others is held longer than the gate requires; a wait that began earlier ends earlier. */
function expectUntil(decision: ReturnType<typeof decide>, row: CadenceEventLogRow, named: string): void {
  const until_ms = row.until?.getTime() ?? null;
  if (decision.until_ms === null || until_ms === null) expect(until_ms, named).toBe(decision.until_ms);
  else if (decision.outcome === 'hold') expect(until_ms, named).toBeGreaterThanOrEqual(decision.until_ms);
  else expect(until_ms, named).toBeLessThanOrEqual(decision.until_ms);
}

async function policiesOf(db: TestDb, org_id: string): Promise<Map<number, Policy>> {
  const { rows } = await db.query<{ version: number; document: unknown }>(
    'SELECT version, document FROM policies WHERE org_id = $1',
    [org_id],
  );
  return new Map(rows.map(({ version, document }) => [version, storedPolicy(document)]));
}

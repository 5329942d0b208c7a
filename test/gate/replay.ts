/** Every decision that the log of a world holds, made once more from its stored facts and the policy that was in force. */
import { expect, test } from 'vitest';
import { storedPolicy } from '../../src/coordinator/gate/policy_document.ts';
import { readTrace } from '../../src/core/explain/gates.ts';
import { decide } from '../../src/core/gate/gates.ts';
import type { Policy } from '../../src/core/gate/policy.ts';
import { outcomeOf } from '../../src/core/gate/policy_preview.ts';
import { factsFrom } from '../../src/core/gate/stored_facts.ts';
import type { CadenceEventLogRow, GateMoment } from '../../src/schema.gen.ts';
import type { TestDb } from '../database.ts';

/** Facts hold no words about a person: ids, times, dates, zones, and the product's own words. */
const CODE = /^[A-Za-z0-9_:./+-]{1,64}$/;

/** After the tests of a file: every decision of its worlds follows from its facts, at each of `moments` at least one. */
export function replaysEveryDecision(db: TestDb, moments: readonly GateMoment[]): void {
  test('every decision of the log follows again from its stored facts', async () => {
    const { rows } = await db.query<{ org_id: string }>('SELECT org_id FROM organizations');
    const counted = await Promise.all(rows.map(({ org_id }) => replayDecisions(db, org_id)));
    const reached = new Set(counted.flatMap((by_moment) => Object.keys(by_moment)));
    expect([...reached]).toEqual(expect.arrayContaining([...moments]));
  });
}

/** Fails at the first decision that differs; answers how many there were at each moment. */
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
    if (moment === null || sequence_type === null) throw new Error(`${named} is no decision`);
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

/** A touch behind others in line is held for longer than the gate asks; a wait that began earlier ends earlier. */
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

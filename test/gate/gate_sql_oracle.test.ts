import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { decide } from '../../src/core/gate/gates.ts';
import { testDatabase } from '../database.ts';
import { scale } from '../scale.ts';
import { type CaseMaker, caseMaker } from './gate_sql_oracle/cases.ts';
import {
  type Answer,
  askOracle,
  type Difference,
  differencesIn,
  installOracle,
  smallest,
} from './gate_sql_oracle/compare.ts';
import type { Found, Job } from './gate_sql_oracle/find_mutants.ts';
import { MUTANTS } from './gate_sql_oracle/mutants.ts';
import {
  agreedPeriods,
  datesThatCameBack,
  PERIODS,
  type Period,
  teachDays,
} from './gate_sql_oracle/zones.ts';

/*
 * The gate beside an oracle in SQL (gate_sql_oracle/oracle.sql), over seeded cases that seek its edges. The cases of
 * the short form are also put to gates with a fault, to show that none would go unseen.
 */

const BATCH = 5_000;
const SHORT_BATCHES = 4;
const BATCHES = scale(SHORT_BATCHES, 200);

const { db } = await testDatabase({ empty: true, statement_timeout_ms: 120_000 });
const seed = inject('seed');
let periods: Period[];
let make: CaseMaker;
const short_answers: Answer[][] = [];

beforeAll(async () => {
  await installOracle(db);
  const { agreed, differ } = await agreedPeriods(db);
  const { rows } = await db.query<{ server_version: string }>('SHOW server_version');
  say(
    `tz ${process.versions.tz} of the runtime and that of PostgreSQL ${rows[0]!.server_version} agree on ` +
      `${agreed.length} of ${PERIODS.length} zones${differ.map((one) => `, not on ${one.time_zone}`).join('')}`,
  );
  // An older system's tz database may lack the latest change of a law or two, not more.
  expect(agreed.length).toBeGreaterThanOrEqual(PERIODS.length - 4);
  await teachDays(db, agreed);
  periods = agreed;
  make = caseMaker(seed, agreed);
});

/** Every word that the gates have for what they found. */
const BECAUSES = {
  compliance: ['clear', 'unsubscribed', 'opted_out', 'suppressed_address', 'organization_not_set'],
  abm_backstop: ['not_nurture', 'abm_inactive', 'nurture_under_abm'],
  touch_cap: [
    ...['transactional', 'cap_zero', 'clock_unreadable', 'under_cap'],
    ...['window_full', 'day_full', 'window_and_day_full'],
  ],
  concurrency: [
    ...['transactional', 'side_conflicts_with_none', 'other_side_inactive', 't3_sales'],
    ...['t1_sales_fresher', 't1_marketing_fresher', 't2_sales_fresher', 't2_marketing_fresher'],
    ...['t3_sales_fresher', 't3_marketing_fresher'],
  ],
  transition: [
    ...['paused_admits_transactional', 'legal_move', 'own_state'],
    ...['illegal_move', 'lead_paused', 'out_of_place'],
  ],
};
const WAKES = [
  'at_until',
  'other_side_ends',
  'abm_ends',
  'policy_changes',
  'lead_resumes',
  'organization_set',
  'never',
  'nothing',
];

describe('the gate and the oracle in SQL', () => {
  test(`answer ${BATCHES * BATCH} cases alike, and these reach every answer`, async () => {
    const coverage = new Map<string, number>();
    const ms = { oracle: 0, gate: 0 };
    for (let number = 0; number < BATCHES; number++) {
      const batch = make(number, BATCH);
      const asked_ms = performance.now();
      const oracle = await askOracle(db, batch);
      const answered_ms = performance.now();
      const [difference] = differencesIn(batch, oracle, decide);
      ms.oracle += answered_ms - asked_ms;
      ms.gate += performance.now() - answered_ms;
      if (difference !== undefined) throw new Error(await report(difference, number));
      if (number < SHORT_BATCHES) short_answers.push(oracle);
      for (const answer of oracle) count(coverage, answer);
    }
    const per_second = (all_ms: number) => Math.round((BATCHES * BATCH * 1000) / all_ms);
    say(`cases a second: oracle ${per_second(ms.oracle)}, gate with comparison ${per_second(ms.gate)}`);
    say(tableOf(coverage));
    const words = Object.entries(BECAUSES).flatMap(([gate, becauses]) =>
      becauses.map((because) => `${gate}.${because}`),
    );
    const reached = [...coverage.keys()];
    expect(reached.filter((key) => key.startsWith('said ')).sort()).toEqual(
      words.map((word) => `said ${word}`).sort(),
    );
    expect(reached.filter((key) => key.startsWith('wake ')).sort()).toEqual(
      WAKES.map((wake) => `wake ${wake}`).sort(),
    );
  });

  test('no zone has had a date twice since 2012, where the two would count differently', () => {
    expect(datesThatCameBack()).toEqual([]);
  });

  test('every mutant of the gate is found by these cases', async ({ signal }) => {
    const job = { seed, periods, batch_size: BATCH, answers: short_answers };
    const [unchanged, ...found] = await runMutants(job, signal);
    expect(unchanged).toEqual({ name: null, differs: 0, asked: SHORT_BATCHES * BATCH });
    say(
      found
        .map((one) => `${String(one.differs).padStart(7)} of ${one.asked} cases find: ${one.name}`)
        .join('\n'),
    );
    expect(found.map(({ name }) => name)).toEqual(MUTANTS.map(({ name }) => name));
    expect(found.filter(({ differs }) => differs === 0)).toEqual([]);
  });
});

function count(coverage: Map<string, number>, answer: Answer): void {
  const [outcome, , , wake, , , , , , trace] = answer;
  const [gate, , because] = trace.at(-1)!;
  const keys = [`end  ${outcome} ${gate}.${because}`, `wake ${wake ?? 'nothing'}`];
  for (const key of [...keys, ...trace.map((one) => `said ${one[0]}.${one[2]}`)]) {
    coverage.set(key, (coverage.get(key) ?? 0) + 1);
  }
}

function tableOf(coverage: ReadonlyMap<string, number>): string {
  const lines = [...coverage].map(([key, cases]) => `${key.padEnd(58)}${String(cases).padStart(8)}`);
  return lines.sort().join('\n');
}

async function report(difference: Difference, number: number): Promise<string> {
  const { facts, policy, gate, oracle } = await smallest(db, difference, decide);
  return [
    `batch ${number} of seed ${seed} (TOUCHLINE_SEED=${seed}): the gate and the oracle differ, in its smallest form by`,
    `facts  ${JSON.stringify(facts)}`,
    `policy ${JSON.stringify(policy)}`,
    `gate   ${JSON.stringify(gate)}`,
    `oracle ${JSON.stringify(oracle)}`,
  ].join('\n');
}

/** `signal` ends the process with the test: a fault may well be a search without an end. */
async function runMutants(job: Job, signal: AbortSignal): Promise<Found[]> {
  const script = fileURLToPath(new URL('gate_sql_oracle/find_mutants.ts', import.meta.url));
  const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'], signal });
  const ended = once(child, 'exit');
  child.stdin.end(JSON.stringify(job));
  const output = await text(child.stdout);
  expect(await ended).toEqual([0, null]);
  return JSON.parse(output) as Found[];
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

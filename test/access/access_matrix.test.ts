import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase } from '../database.ts';
import { scale } from '../scale.ts';
import { type Caller, everyone, httpCallers } from './callers.ts';
import { checksum, expectedRefusal, type Matrix, openMatrix, operations } from './matrix.ts';
import { powers } from './powers.ts';

/* Operation x principal x own or foreign org over HTTP, generated from the registry. Each cell answers as the table of
   permissions says, and nothing of another org can be seen, changed, or guessed. */

const { db } = await testDatabase();
let matrix: Matrix;
let callers: Caller[] = [];

beforeAll(async () => {
  matrix = await openMatrix(db);
  callers = httpCallers(matrix.server.url, await everyone(matrix.own));
  await db.query(
    `UPDATE notifications SET to_user_id = (SELECT id FROM users WHERE org_id = $1 AND email = 'rep@people.example')
     WHERE org_id = $1 AND kind = 'note'`,
    [matrix.own.org_id],
  );
}, 120_000);
afterAll(() => matrix.close());

describe('a foreign org', { timeout: 600_000 }, () => {
  it('looks exactly like an org that does not exist, and stays unchanged', async () => {
    const before = await checksum(db, matrix.foreign.org_id);
    const short = new Set(['admin by session', 'rep by key', 'brain agent']);
    const asking = callers.filter(({ name }) => scale(0, 1) === 1 || short.has(name));
    let compared = 0;
    for (const caller of asking) {
      for (const operation of operations) {
        for (const [there, nowhere] of await matrix.askAbroad(caller, operation)) {
          compared += 1;
          expect(there, `${operation.name} by ${caller.name}`).toEqual(nowhere);
          expect(there.status, operation.name).toBeLessThan(500);
        }
      }
    }
    expect(compared).toBeGreaterThan(100);
    expect(await checksum(db, matrix.foreign.org_id)).toEqual(before);
  });
});

describe('the caller’s own org', { timeout: 600_000 }, () => {
  const done = new Set<string>();

  it('refuses agents of every kind on every route that approves, activates, sends, or adds users and keys', async () => {
    const agents = callers.filter(({ who }) => who !== null && 'agent_kind' in who);
    expect(agents).toHaveLength(3);
    const before = await powers(db);
    for (const caller of agents) {
      for (const operation of operations) {
        if ((await cell(caller, operation)).status < 300) done.add(operation.name);
      }
    }
    expect(await powers(db)).toEqual(before);
  });

  it('allows and refuses every role as the table says, by session and by key', async () => {
    const before = await checksum(db, matrix.foreign.org_id);
    // A key is looked up differently from a session, but both take the same path afterward: two roles show that.
    const by_key = scale(0, 1) === 1 ? / by key$/ : /^(admin|auditor) by key$/;
    const people = callers.filter(
      ({ who, name }) => who === null || / by session$/.test(name) || by_key.test(name),
    );
    for (const caller of people) {
      for (const operation of operations) {
        if ((await cell(caller, operation)).status < 300) done.add(operation.name);
      }
    }
    // An input that succeeds for no caller would test nothing.
    expect(operations.map(({ name }) => name).filter((name) => !done.has(name))).toEqual([]);
    expect(await checksum(db, matrix.foreign.org_id)).toEqual(before);
  });
});

/** Codes that the table of permissions returns. */
const GATE_CODES = ['unauthenticated', 'forbidden', 'not_human'];

async function cell(caller: Caller, operation: (typeof operations)[number]) {
  const answer = await matrix.ask(caller, operation);
  const refusal = expectedRefusal(operation.permission, caller, answer.input);
  const about = `${operation.name} by ${caller.name}: ${answer.text.slice(0, 300)}`;
  if (refusal !== null) expect({ status: answer.status, code: answer.code }, about).toEqual(refusal);
  else if (operation.permission.is_public) expect(GATE_CODES, about).not.toContain(answer.code);
  // An approval requires its role in addition to permission for the operation.
  else if (answer.code !== 'role_required') expect([401, 403], about).not.toContain(answer.status);
  expect(answer.status, about).toBeLessThan(500);
  return answer;
}

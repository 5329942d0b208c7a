import { beforeEach, describe, expect, test } from 'vitest';
import { sqlState } from '../../src/db/errors.ts';
import { transaction } from '../../src/db/pool.ts';
import { newId } from '../../src/ids.ts';
import { assignmentRuleOperations } from '../../src/operations/leads/assignment_rules.ts';
import { actorOf, type Principal } from '../../src/principal.ts';
import { testDatabase } from '../database.ts';
import { type TaskWorld, taskWorld } from '../tasks/task_calls.ts';
import { importFile } from './import_world.ts';

/* No statement creates a lead past the rules: leads_assigned_at_birth and, for imports, lead_imports_assign. */

const { db } = await testDatabase();
let world: TaskWorld;
let reps: Principal[];
let ids: string[];

beforeEach(async () => {
  world = await taskWorld(db);
  reps = [];
  for (let n = 0; n < 3; n += 1) reps.push(await world.addPerson('rep'));
  ids = reps.map(userOf);
});

function userOf(principal: Principal): string {
  if (principal.kind !== 'human') throw new Error('an agent is not a user');
  return principal.user_id;
}

test('the command shows each rule in one line', async () => {
  const asked = { context: world.context, principal: world.person, input: {} };
  const { rules } = (await put([
    { icp_tiers: ['T1', 'T2'], countries: ['DE'], assignee_user_ids: [ids[0]] },
  ])) as {
    rules: { id: string }[];
  };
  const [get] = assignmentRuleOperations;
  expect(get.text!((await get.run(asked as never)) as never)).toBe(`1. T1 or T2; DE: P (${rules[0]!.id})`);
});

const put = (rules: object[], who = world.person) => world.call('put_assignment_rules', who, { rules });
const ownerOf = async (lead_id: string) =>
  (await world.rows<{ owner_user_id: string | null }>('leads', `id = '${lead_id}'`))[0]!.owner_user_id;
const countOf = (lead_owners: (string | null)[]) =>
  ids.map((id) => lead_owners.filter((one) => one === id).length);
const allOwners = async () =>
  (await world.rows<{ owner_user_id: string | null }>('leads', 'true ORDER BY id')).map(
    (row) => row.owner_user_id,
  );
const notesOf = (user_id: string) =>
  world.rows<{ detail: object }>('notifications', `to_user_id = '${user_id}' AND kind = 'assigned'`);

describe('put_assignment_rules', () => {
  test('replaces the list, and keeps the turn of a rule that stays', async () => {
    const saved = await put([{ icp_tiers: ['T2'], assignee_user_ids: ids }, { assignee_user_ids: [ids[0]] }]);
    expect(saved.rules).toMatchObject([
      {
        icp_tiers: ['T2'],
        segments: [],
        countries: [],
        assignee_user_ids: ids,
        assignees: ids.map((id) => ({ id, is_active: true })),
      },
      { icp_tiers: [], assignee_user_ids: [ids[0]] },
    ]);
    expect(await ownerOf(await world.addLead())).toBe(ids[0]);
    const [first] = saved.rules;
    const again = await put([
      { countries: ['DE'], assignee_user_ids: [ids[2]] },
      { id: first.id, assignee_user_ids: ids },
    ]);
    expect(again.rules.map(({ id }: { id: string }) => id)[1]).toBe(first.id);
    expect(await ownerOf(await world.addLead())).toBe(ids[1]);
    expect(await world.call('get_assignment_rules', reps[0]!, {})).toEqual(again);
  });

  test.each([
    [
      'a rule without people',
      () => ({ assignee_user_ids: [] }),
      'input_invalid',
      'rules[0].assignee_user_ids',
    ],
    [
      'an unknown user',
      () => ({ assignee_user_ids: [crypto.randomUUID()] }),
      'unknown_reference',
      'rules[0].assignee_user_ids[0]',
    ],
    [
      'an unknown rule',
      () => ({ id: crypto.randomUUID(), assignee_user_ids: ids }),
      'unknown_reference',
      'rules[0].id',
    ],
    ['an unknown field', () => ({ tiers: ['T1'], assignee_user_ids: ids }), 'input_invalid', 'rules[0]'],
  ])('refuses %s', async (_what, rule, code, path) => {
    const refused = await world.refused('put_assignment_rules', world.person, { rules: [rule()] });
    expect(refused.code).toBe(code);
    expect(refused.errors?.[0]?.path).toContain(path);
  });

  test('refuses a deactivated user, but keeps one who was deactivated later', async () => {
    const saved = await put([{ assignee_user_ids: [ids[0]] }]);
    await db.query('UPDATE users SET deactivated_at = now() WHERE id = $1', [ids[0]]);
    const [{ id }] = saved.rules;
    await put([{ id, segments: ['smb'], assignee_user_ids: [ids[0], ids[1]] }]);
    const refused = await world.refused('put_assignment_rules', world.person, {
      rules: [{ assignee_user_ids: [ids[0]] }],
    });
    expect(refused.code).toBe('person_inactive');
  });
});

describe('the database', () => {
  const insert = `INSERT INTO assignment_rules (org_id, id, position, assignee_user_ids, updated_at, updated_by_user_id)
                  VALUES ($1, gen_random_uuid(), 1, ARRAY[$2]::uuid[], now(), $3)`;
  const failure = async (who: Principal, sql: string, values: unknown[]) => {
    const failed = await transaction(db.app, actorOf(who), (tx) => tx.query(sql, values)).catch(
      (error: Error) => error,
    );
    return sqlState(failed as Error);
  };

  test('refuses rules of reps, of agents, in another name, and for deactivated users', async () => {
    const own = userOf(world.person);
    expect(await failure(reps[0]!, insert, [world.org_id, ids[0], ids[0]])).toBe('TL022');
    expect(await failure(world.brooke, insert, [world.org_id, ids[0], own])).toBe('TL005');
    expect(await failure(world.person, insert, [world.org_id, ids[0], ids[0]])).toBe('TL005');
    await db.query('UPDATE users SET deactivated_at = now() WHERE id = $1', [ids[0]]);
    expect(await failure(world.person, insert, [world.org_id, ids[0], own])).toBe('TL020');
    await put([{ assignee_user_ids: [ids[1]] }]);
    expect(
      await failure(reps[1]!, 'UPDATE assignment_rules SET position = 2 WHERE org_id = $1', [world.org_id]),
    ).toBe('TL022');
    expect(await failure(reps[1]!, 'DELETE FROM assignment_rules WHERE org_id = $1', [world.org_id])).toBe(
      'TL022',
    );
  });
});

describe('a new lead', () => {
  test('goes to the first rule that fits the lead, else its account', async () => {
    await put([
      { icp_tiers: ['T1'], countries: ['de'], assignee_user_ids: [ids[0]] },
      { segments: ['Smb'], assignee_user_ids: [ids[1]] },
    ]);
    expect(await ownerOf(await world.addLead({ icp_tier: 'T1', country: 'DE' }))).toBe(ids[0]);
    expect(await ownerOf(await world.addLead({ icp_tier: 'T1', country: 'FR', segment: 'smb' }))).toBe(
      ids[1],
    );
    expect(await ownerOf(await world.addLead({ icp_tier: 'T1' }))).toBe(null);
    await importFile(world, 'email,company,tier,country\na@acme.example,Acme,T1,DE\n');
    await importFile(world, 'email,company\nb@acme.example,Acme\n');
    const found = await world.rows('leads', `email LIKE '%@acme.example' ORDER BY email`);
    expect(found.map((row) => row.owner_user_id)).toEqual([ids[0], ids[0]]);
  });

  test('keeps its own owner and its account’s, and takes no turn for them', async () => {
    await put([{ assignee_user_ids: ids }]);
    const owned = await world.addLead({ owner_user_id: ids[2] });
    expect(await ownerOf(owned)).toBe(ids[2]);
    const account_id = (await world.rows<{ account_id: string }>('leads'))[0]!.account_id;
    await db.query('UPDATE accounts SET owner_user_id = $2 WHERE id = $1', [account_id, ids[2]]);
    expect(await ownerOf(await world.addLead({ account_id }))).toBe(null);
    expect(await ownerOf(await world.addLead())).toBe(ids[0]);
    expect(await notesOf(ids[0]!)).toMatchObject([{ detail: { lead_count: 1 } }]);
  });

  test('skips deactivated people, and rules that have no one else', async () => {
    await put([{ assignee_user_ids: [ids[0]] }, { assignee_user_ids: [ids[0], ids[1]] }]);
    await db.query('UPDATE users SET deactivated_at = now() WHERE id = $1', [ids[0]]);
    expect(await ownerOf(await world.addLead())).toBe(ids[1]);
    expect(await ownerOf(await world.addLead())).toBe(ids[1]);
  });

  test('of 64 connections at once gives each person the same number', async () => {
    await put([{ assignee_user_ids: ids }]);
    await Promise.all(
      Array.from({ length: 64 }, (_, n) =>
        transaction(db.app, actorOf(world.person), async (tx) => {
          await tx.query(`SET LOCAL lock_timeout = '60s'; SET LOCAL statement_timeout = '60s'`);
          await tx.query(`INSERT INTO leads (org_id, id, email) VALUES ($1, $2, $3)`, [
            world.org_id,
            newId(world.clock),
            `race${n}@prospect.example`,
          ]);
        }),
      ),
    );
    expect(countOf(await allOwners()).sort()).toEqual([21, 21, 22]);
    expect(await world.rows('assignment_rules')).toMatchObject([{ assigned_count: 64 }]);
  }, 60_000);

  test('is audited as assigned by the rules, in the name of the person who added it', async () => {
    await put([{ assignee_user_ids: [ids[0]] }]);
    const lead_id = newId(world.clock);
    await transaction(db.app, actorOf(reps[1]!), (tx) =>
      tx.query(`INSERT INTO leads (org_id, id, email) VALUES ($1, $2, 'one@prospect.example')`, [
        world.org_id,
        lead_id,
      ]),
    );
    expect(await world.rows('audit_log', `subject_key = '${lead_id}'`)).toMatchObject([
      {
        actor_id: ids[1],
        operation: 'apply_assignment_rules',
        changes: { owner_user_id: { old: null, new: ids[0] } },
      },
    ]);
  });
});

describe('an import', () => {
  const file = (count: number, from = 0) =>
    `email,owner\n${Array.from({ length: count }, (_, n) => `p${from + n}@many.example,`).join('\n')}\n`;

  test('of 6,000 leads gives each person the same number, one notification, and one line in the audit', async () => {
    const { rules } = await put([{ assignee_user_ids: ids }]);
    await importFile(world, file(6_000));
    expect(countOf(await allOwners()).sort()).toEqual([2_000, 2_000, 2_000]);
    for (const id of ids) expect(await notesOf(id)).toHaveLength(1);
    expect(
      await world.rows('audit_log', `subject_table = 'leads' AND operation = 'apply_assignment_rules'`),
    ).toEqual([]);
    expect(
      await world.rows('audit_log', `subject_key = '${rules[0].id}' AND action = 'update'`),
    ).toMatchObject([{ changes: { assigned_count: { old: 0, new: 6_000 } } }]);
    // Known leads are no new leads.
    await db.query(`UPDATE leads SET owner_user_id = NULL WHERE org_id = $1 AND email LIKE 'p_@%'`, [
      world.org_id,
    ]);
    world.clock.advance(1_000);
    await importFile(world, file(5));
    expect((await allOwners()).filter((one) => one === null)).toHaveLength(10);
  }, 240_000);

  test('assigns only the rows without an owner by the rules', async () => {
    await put([{ assignee_user_ids: [ids[0]] }]);
    const [user] = await world.rows<{ email: string }>('users', `id = '${ids[1]}'`);
    await importFile(world, `email,owner\na@few.example,${user!.email}\nb@few.example,\n`);
    const found = await world.rows('leads', `true ORDER BY email`);
    expect(found.map((row) => row.owner_user_id)).toEqual([ids[1], ids[0]]);
  });
});

describe('apply_assignment_rules', () => {
  test('counts existing leads by person first, then assigns them, with one notification', async () => {
    await importFile(
      world,
      `email\n${Array.from({ length: 4_500 }, (_, n) => `p${n}@old.example`).join('\n')}\n`,
    );
    await put([{ assignee_user_ids: ids }]);
    const run = async (dry_run: boolean) => {
      let answer = await world.call('apply_assignment_rules', world.person, { dry_run });
      while (answer.continue_from !== null) {
        const { continue_from } = answer;
        answer = await world.call('apply_assignment_rules', world.person, { dry_run, continue_from });
      }
      return answer;
    };
    const expected = expect.arrayContaining(
      ids.map((user_id) => expect.objectContaining({ user_id, lead_count: 1_500 })),
    );
    expect(await run(true)).toMatchObject({ dry_run: true, people: expected, no_rule_count: 0, progress: 1 });
    expect(countOf(await allOwners())).toEqual([0, 0, 0]);
    expect(await run(false)).toMatchObject({ dry_run: false, people: expected });
    expect(countOf(await allOwners())).toEqual([1_500, 1_500, 1_500]);
    for (const id of ids) expect(await notesOf(id)).toMatchObject([{ detail: { lead_count: 1_500 } }]);
    expect(await run(false)).toMatchObject({ people: [], no_rule_count: 0 });
  }, 120_000);

  test('leaves leads that no rule fits, and reports them', async () => {
    await world.addLead({ icp_tier: 'T3' });
    await put([{ icp_tiers: ['T1'], assignee_user_ids: ids }]);
    expect(await world.call('apply_assignment_rules', world.person, {})).toMatchObject({
      people: [],
      no_rule_count: 1,
    });
    expect((await world.refused('apply_assignment_rules', world.person, { continue_from: 'x' })).code).toBe(
      'cursor_invalid',
    );
  });
});

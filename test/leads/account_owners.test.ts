import { expect, test } from 'vitest';
import { testDatabase } from '../database.ts';
import { approvedLeads, mailboxOf, reserve } from '../sending/send_world.ts';
import { taskWorld } from '../tasks/task_calls.ts';
import { flagWorld, SALES } from '../upkeep/flag_world.ts';
import { DAY_MS, START } from '../world.ts';

/* An account's owner owns the leads of the account that have no owner of their own, wherever an owner counts. */

const { db } = await testDatabase();

const ownAccount = (lead_id: string, user_id: string | null) =>
  db.query(
    `UPDATE accounts a SET owner_user_id = $2 FROM leads l WHERE l.id = $1 AND a.org_id = l.org_id AND a.id = l.account_id`,
    [lead_id, user_id],
  );

test('people set the owner of an account, and its leads without an owner follow', async () => {
  const world = await taskWorld(db);
  const [rep, other] = [await world.addPerson('rep'), await world.addPerson('rep')];
  if (rep.kind !== 'human' || other.kind !== 'human') throw new Error('people are human');
  const lead_id = await world.addLead();
  const { account_id } = await world.call('get_lead', rep, { id: lead_id });
  const ownerOf = async () => {
    const lead = await world.call('get_lead', rep, { id: lead_id });
    return [lead.owner_user_id, lead.effective_owner_user_id, lead.owner_name];
  };
  expect(await ownerOf()).toEqual([null, null, null]);
  const account = await world.call('patch_account', rep, { id: account_id, owner_user_id: rep.user_id });
  expect(account).toMatchObject({ owner_user_id: rep.user_id, owner_name: 'P' });
  expect(await ownerOf()).toEqual([null, rep.user_id, 'P']);
  await world.call('patch_lead', rep, { id: lead_id, owner_user_id: other.user_id });
  expect(await ownerOf()).toEqual([other.user_id, other.user_id, 'P']);
  const { items } = await world.call('list_accounts', rep, {});
  expect(items).toMatchObject([{ id: account_id, owner_name: 'P' }]);
  const audited = await world.rows('audit_log', `subject_table = 'accounts' AND changes ? 'owner_user_id'`);
  expect(audited).toMatchObject([
    { actor_id: rep.user_id, changes: { owner_user_id: { new: rep.user_id } } },
  ]);
  const unknown = { id: account_id, owner_user_id: account_id };
  expect(await world.refused('patch_account', rep, unknown)).toMatchObject({
    code: 'unknown_reference',
    errors: [{ path: 'owner_user_id', message: 'refers to nothing that exists here' }],
  });
  await db.query('UPDATE users SET deactivated_at = now() WHERE id = $1', [other.user_id]);
  const left = { id: account_id, owner_user_id: other.user_id };
  expect(await world.refused('patch_account', rep, left)).toMatchObject({
    code: 'person_inactive',
    errors: [{ path: 'owner_user_id', message: 'is deactivated' }],
  });
});

test('accounts are assigned to one user, in turn, or to none; each answers', async () => {
  const world = await taskWorld(db);
  const reps = [await world.addPerson('rep'), await world.addPerson('rep'), await world.addPerson('rep')];
  const [ann, bo, gone] = reps.map((rep) => (rep.kind === 'human' ? rep.user_id : ''));
  await db.query('UPDATE users SET deactivated_at = now() WHERE id = $1', [gone]);
  const accounts: string[] = [];
  for (let n = 0; n < 3; n += 1) {
    const { account_id } = await world.call('get_lead', reps[0]!, { id: await world.addLead() });
    accounts.push(account_id);
  }
  const unknown = gone!;
  const assign = (input: object) => world.call('assign_accounts', reps[0]!, { accounts, ...input });
  const owners = (items: { outcome: string; owner_user_id: string | null }[]) =>
    items.map(({ outcome, owner_user_id }) => [outcome, owner_user_id]);
  const turns = await assign({ accounts: [accounts[0], unknown, ...accounts], round_robin: [ann, bo] });
  expect(owners(turns.items)).toEqual([
    ['assigned', ann],
    ['unknown_account', null],
    ['assigned', bo],
    ['assigned', ann],
  ]);
  expect(owners((await assign({ owner_user_id: ann })).items).map(([outcome]) => outcome)).toEqual([
    'unchanged',
    'assigned',
    'unchanged',
  ]);
  const { items } = await world.call('list_accounts', reps[0]!, { scope: 'mine' });
  expect(items).toHaveLength(3);
  expect((await assign({ owner_user_id: null })).items).toMatchObject(Array(3).fill({ outcome: 'assigned' }));
  expect(
    await world.refused('assign_accounts', reps[0]!, { accounts, round_robin: [ann, gone] }),
  ).toMatchObject({
    code: 'person_inactive',
    errors: [{ path: 'round_robin[1]' }],
  });
  expect((await world.refused('assign_accounts', reps[0]!, { accounts })).code).toBe('input_invalid');
});

test('a warning about a lead reaches the owner of its account, and the lead’s own owner first', async () => {
  const world = await flagWorld(db);
  const [rep, other] = [await world.addUser('rep'), await world.addUser('rep')];
  const [by_account, by_lead] = [await world.addLead(), await world.addLead({ owner_user_id: other })];
  for (const lead_id of [by_account, by_lead]) {
    await ownAccount(lead_id, rep);
    await world.request(lead_id, SALES);
  }
  await world.work();
  world.clock.advance(8 * DAY_MS);
  await world.check('stall');
  const flags = await world.flags('stall');
  expect(flags.map(({ subject, for_user_id }) => [subject, for_user_id]).sort()).toEqual(
    [
      [by_account, rep],
      [by_lead, other],
    ].sort(),
  );
});

test('a backlog counts the leads of the rep’s accounts', async () => {
  const world = await flagWorld(db, { policy: { backlog_paused_leads: 2 } });
  const rep = await world.addUser('rep');
  const paused = { cadence_paused_at: new Date(START), cadence_pause_reason: 'replied' };
  await world.addLead({ owner_user_id: rep, ...paused });
  await ownAccount(await world.addLead(paused), rep);
  await world.check('backlog');
  expect(await world.flags('backlog')).toMatchObject([{ subject: rep, detail: { paused_leads: 2 } }]);
});

test('messages leave from the mailbox of the account’s owner', async () => {
  const world = await taskWorld(db);
  const rep = await world.addPerson('rep');
  if (rep.kind !== 'human') throw new Error('people are human');
  await mailboxOf(world);
  const input = { address: 'rep@sender.example', display_name: 'Rep', owner_user_id: rep.user_id };
  const own = await world.call('create_mailbox', world.person, input);
  const [first] = await approvedLeads(world, 2);
  await ownAccount(first!, rep.user_id);
  await reserve(world);
  const chosen = await world.rows<{ lead_id: string; mailbox_id: string }>('lead_mailboxes');
  expect(chosen).toHaveLength(2);
  expect(chosen.filter(({ mailbox_id }) => mailbox_id === own.id)).toMatchObject([{ lead_id: first }]);
});

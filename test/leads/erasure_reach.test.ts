import { describe, expect, it } from 'vitest';
import { notify } from '../../src/coordinator/gate/flags.ts';
import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { type Tx, transaction } from '../../src/db/pool.ts';
import { idempotencyKeys } from '../../src/operations/idempotency.ts';
import { OUT_OF_REACH } from '../../src/operations/leads/erasure_reach.ts';
import { registry } from '../../src/operations/registry.ts';
import { tamper, verify } from '../audit/chain_world.ts';
import { testDatabase } from '../database.ts';
import { idOf } from '../notifications/notice_world.ts';
import { type TaskWorld, taskWorld } from '../tasks/task_calls.ts';
import { placesOf } from './erasure_world.ts';

/* Data about an erased person in rows of others: notes on other leads, accounts, and responses kept for repeated requests. */

const { db } = await testDatabase();

const CAMPAIGN = 'b2bea_membership_close';
const PERSON = {
  email: 'philomena@thistlewood.example',
  first_name: 'Philomena',
  last_name: 'Thistlewood',
  linkedin_url: 'https://www.linkedin.example/in/thistlewood-p/',
};
/** Each mentions the person in another way. */
const MENTIONS: [string, string, string] = [
  'Ask Philomena  Thistlewood first.',
  'See linkedin.example/in/thistlewood-p and THISTLEWOOD, PHILOMENA.',
  'Copied from <Philomena@Thistlewood.example>, who agreed.',
];
const SURE = /philomena\s+thistlewood|thistlewood,\s*philomena|thistlewood-p|philomena@thistlewood/i;

const erase = (world: TaskWorld, id: string, reason = 'They asked us to.') =>
  world.call('erase_lead', world.person, { id, reason });
const namedPlaces = async () => (await placesOf(db, ['thistlewood'])).filter((place) => SURE.test(place));

/** Another lead whose rows name the person wherever people and agents write. */
async function namedBy(world: TaskWorld): Promise<string> {
  const { person, org_id, clock } = world;
  const lead_id = await world.addLead({ email: 'colleague@prospect.example', first_name: 'Cole' });
  await world.call('record_signal', person, { id: lead_id, side: 'sales', detail: MENTIONS[0] });
  await world.call('request_sequence', person, { lead_id, campaign_slug: CAMPAIGN, notes: MENTIONS[1] });
  const task_id = await world.addTask({
    type: 'process_reply',
    role: 'roles.sales',
    lead_id,
    payload: { words: [{ said: MENTIONS[2] }] },
  });
  await world.claimAs(task_id, 'roles.sales');
  const [kept] = (
    await db.query<{ id: string }>(
      `INSERT INTO flags (org_id, id, kind, subject, lead_id, for_role, detail, raised_at)
       VALUES ($1, gen_random_uuid(), 'backlog', $2::uuid::text, $2, 'rep', $3, $4) RETURNING id`,
      [org_id, lead_id, { response: MENTIONS[2] }, clock.now()],
    )
  ).rows;
  await world.call('resolve_flag', person, { id: kept!.id, reason: MENTIONS[0]! });
  await db.query(
    `INSERT INTO notifications (org_id, id, to_agent, kind, lead_id, detail, created_at)
     VALUES ($1, gen_random_uuid(), 'roles.sales', 'note', $2, $3, $4)`,
    [org_id, lead_id, { note: MENTIONS[0] }, clock.now()],
  );
  const raw = 'From: Cole <colleague@prospect.example>\r\nSubject: Hello\r\n\r\nWho are you?\r\n';
  const { id } = await world.call('take_inbound', person, { raw });
  await world.call('handle_inbound', person, { id, intent: 'question', note: MENTIONS[2] });
  await world.call('opt_out_lead', person, { id: lead_id, reason: MENTIONS[0] });
  return lead_id;
}

describe('notes on other leads', () => {
  it('lose the mention and keep the rest, in both logs as well', async () => {
    const world = await taskWorld(db);
    const id = await world.addLead(PERSON);
    const other = await namedBy(world);
    const before = (await verify(world)).head_hash;
    const tables = (await namedPlaces()).map((place) => place.split(':')[0]!.replace(/_\d.*/, ''));
    for (const table of ['sequence_requests', 'agent_tasks', 'flags', 'notifications', 'lead_signals'])
      expect(tables, table).toContain(table);
    for (const table of ['inbound_messages', 'cadence_event_log', 'audit_log'])
      expect(tables, table).toContain(table);

    const answer = await erase(world, id, 'Philomena Thistlewood asked.');
    expect(await namedPlaces()).toEqual([]);
    expect(answer.row_counts).toMatchObject({ agent_tasks: 2, lead_signals: 1, notifications: 1 });
    expect(await world.rows('sequence_requests', `lead_id = '${other}'`)).toMatchObject([
      { notes: 'See (erased) and (erased).' },
    ]);
    expect(await world.rows('agent_tasks', `lead_id = '${other}' AND type = 'process_reply'`)).toContainEqual(
      expect.objectContaining({
        status: 'claimed',
        payload: { words: [{ said: 'Copied from <(erased)>, who agreed.' }] },
      }),
    );
    expect(await world.rows('lead_erasures', `id = '${id}'`)).toMatchObject([{ reason: '(erased) asked.' }]);
    expect(await world.rows('leads', `id = '${other}'`)).toMatchObject([{ first_name: 'Cole' }]);
    expect(await verify(world, before)).toMatchObject({ ok: true, finding: null });
    expect(await erase(world, id)).toMatchObject({ changed: false, row_counts: answer.row_counts });
  });

  it('keep a first or last name alone, a longer name, and a name that another person shares', async () => {
    const world = await taskWorld(db);
    const id = await world.addLead({ ...PERSON, email: 'philo@thistlewood.example', linkedin_url: null });
    const other = await world.addLead({ email: 'x@prospect.example' });
    const notes = [
      'Philomena called.',
      'Thistlewood called.',
      'Philomena Thistlewoods',
      'a-philo@thistlewood.example',
    ];
    const write = async (detail: string) =>
      world.call('record_signal', world.person, { id: other, side: 'sales', detail });
    for (const detail of notes) await write(detail);
    await erase(world, id);
    const details = async () =>
      (await world.rows<{ detail: string }>('lead_signals', `lead_id = '${other}' ORDER BY id`)).map(
        ({ detail }) => detail,
      );
    expect((await details()).sort()).toEqual([...notes].sort());

    // Two people with one name: a note may mean either, but the address belongs to one.
    const twin = { ...PERSON, first_name: 'Jo', last_name: 'Smith', linkedin_url: null };
    const one = await world.addLead({ ...twin, email: 'jo.one@prospect.example' });
    await world.addLead({ ...twin, email: 'jo.two@prospect.example' });
    await write('Jo Smith said yes, from jo.one@prospect.example.');
    await erase(world, one);
    expect(await details()).toContain('Jo Smith said yes, from (erased).');
  });
});

describe('an account', () => {
  const accountOf = async (world: TaskWorld, id: string) =>
    (await world.rows<{ account_id: string }>('leads', `id = '${id}'`))[0]!.account_id;
  const rename = async (account_id: string, name: string, domain: string | null = null) =>
    db.query('UPDATE accounts SET name = $2, domain = $3 WHERE id = $1', [account_id, name, domain]);

  it('of one person is erased; a shared one stays, and is listed where it names the person', async () => {
    const world = await taskWorld(db);
    const cases = [
      { name: 'Philomena Thistlewood Consulting', domain: null, shared: false, is_left: false, listed: 0 },
      { name: 'P.T.', domain: 'philomena-thistlewood.example', shared: false, is_left: false, listed: 0 },
      { name: 'Thistlewood & Co', domain: 'thistlewood.example', shared: false, is_left: true, listed: 0 },
      { name: 'Philomena Thistlewood Ltd', domain: null, shared: true, is_left: true, listed: 1 },
    ];
    for (const { name, domain, shared, is_left, listed } of cases) {
      const id = await world.addLead({ ...PERSON, email: `p.${crypto.randomUUID()}@prospect.example` });
      const account_id = await accountOf(world, id);
      await rename(account_id, name, domain);
      await world.call('patch_account', world.person, { id: account_id, segment: 'thistlewood-segment' });
      if (shared) await world.addLead({ email: 'partner@prospect.example', account_id });
      const answer = await erase(world, id);
      expect(await world.rows('accounts', `id = '${account_id}'`), name).toHaveLength(is_left ? 1 : 0);
      expect(answer.to_review, name).toHaveLength(listed);
      const lines = await world.rows<{ changes: object }>('audit_log', `subject_key = '${account_id}'`);
      const is_bare = lines.every(({ changes }) => Object.values(changes).every((one) => one === '(erased)'));
      expect(is_bare, name).toBe(!is_left);
      if (listed === 0) continue;
      expect(answer.to_review).toMatchObject([{ kind: 'account', reference: account_id, field: 'name' }]);
      await world.call('patch_account', world.person, { id: account_id, name: 'The consultancy' });
    }
    expect((await world.call('list_erased_mentions', world.person, {})).items).toEqual([]);
    expect(await verify(world)).toMatchObject({ ok: true });
  });
});

describe('responses kept for repeated requests', () => {
  const operation = registry.find(({ name }) => name === 'patch_lead')!;
  const keyOf = (world: TaskWorld, key: string) =>
    idempotencyKeys(world.worker_context)({ principal: world.person, operation, key, request: key });
  const claimOf = async (world: TaskWorld, key: string) => {
    const claim = await keyOf(world, key);
    if (!('answer' in claim)) throw new Error('it was answered before');
    return claim;
  };
  const bodies = (world: TaskWorld) =>
    world.rows<{ key: string; body: string | null }>('idempotency_keys', 'true ORDER BY body NULLS LAST');

  it('are erased with their keys if they name the person or a row of theirs; others stay', async () => {
    const world = await taskWorld(db);
    const id = await world.addLead(PERSON);
    await world.call('request_sequence', world.person, { lead_id: id, campaign_slug: CAMPAIGN });
    await world.work();
    const { draft, item } = await world.draftOf(id);
    const answers = {
      by_name: { items: [{ text: MENTIONS[0] }] },
      by_draft: { draft_id: draft.id, body: 'Dear you' },
      by_item: { queue_id: item.id },
      'import philomena@thistlewood.example': { created_count: 1 },
      other: { text: 'Philomena called.' },
    };
    for (const [key, body] of Object.entries(answers))
      await (await claimOf(world, key)).answer({ status: 200, body: JSON.stringify(body) });
    await erase(world, id);
    const kept = await bodies(world);
    expect(kept).toHaveLength(5);
    expect(kept.filter(({ body }) => body !== null).map(({ body }) => JSON.parse(body!))).toEqual([
      answers['import philomena@thistlewood.example'],
      answers.other,
    ]);
    expect(JSON.stringify(kept.map(({ key }) => key))).not.toContain('thistlewood');
    await expect(keyOf(world, 'by_name')).rejects.toMatchObject({ code: 'idempotency_not_replayable' });
    await tamper(db, async (own) => {
      await own.query('DELETE FROM idempotency_keys WHERE org_id = $1', [world.org_id]);
    });
  });

  it('are not kept for a request under way during the erasure', async () => {
    const world = await taskWorld(db);
    const id = await world.addLead({ ...PERSON, email: 'running@thistlewood.example' });
    const [open, failed] = [await claimOf(world, 'open'), await claimOf(world, 'failed')];
    await erase(world, id);
    await open.answer({ status: 200, body: JSON.stringify({ first_name: 'Philomena' }) });
    await failed.release();
    expect(await bodies(world)).toMatchObject([{ key: 'open', body: null }]);
    world.clock.advance(180_000);
    await (await claimOf(world, 'later')).answer({ status: 200, body: '{}' });
    expect(await bodies(world)).toContainEqual(expect.objectContaining({ key: 'later', body: '{}' }));
  });
});

it('the command reports what it erased, what a person must review, and what it cannot reach', async () => {
  const world = await taskWorld(db);
  const id = await world.addLead({ ...PERSON, email: 'told@thistlewood.example' });
  await db.query(`UPDATE clients SET postal_address = 'c/o Philomena Thistlewood' WHERE org_id = $1`, [
    world.org_id,
  ]);
  const answer = await erase(world, id);
  expect(answer).toMatchObject({ caught_mail_count: null, row_counts: { leads: 1 } });
  const places = answer.out_of_reach.map(({ place }: { place: string }) => place);
  expect(places).toEqual(
    Object.keys(OUT_OF_REACH).filter((place) => !['caught_mail', 'notices'].includes(place)),
  );
  const said = registry.find(({ name }) => name === 'erase_lead')!.text!(answer);
  for (const words of ['  leads: 1', 'brand b2bea, field postal_address', 'Backups of the database', 'CRM'])
    expect(said).toContain(words);
  expect(said).not.toMatch(SURE);
});

it('lists notifications that may have left with the lead’s name', async () => {
  const world = await taskWorld(db);
  const placesOfNew = async (email: string, is_noticed = true) => {
    const id = await world.addLead({ ...PERSON, email });
    const { org_id, clock } = world;
    const note = { kind: 'meeting', lead_id: id, to_user_id: idOf(world.person) };
    const scope = (tx: Tx) => ({ tx, org_id, clock });
    if (is_noticed) await transaction(db.app, coordinatorActor(org_id), (tx) => notify(scope(tx), [note]));
    return (await erase(world, id)).out_of_reach.map(({ place }: { place: string }) => place);
  };
  expect(await placesOfNew('a@thistlewood.example')).not.toContain('notices');
  await world.call('patch_organization', world.person, { notices_include_lead_text: true });
  expect(await placesOfNew('b@thistlewood.example')).toContain('notices');
  // Notifications that left before stay where they went.
  await world.call('patch_organization', world.person, { notices_include_lead_text: false });
  expect(await placesOfNew('c@thistlewood.example')).toContain('notices');
  expect(await placesOfNew('d@thistlewood.example', false)).not.toContain('notices');
});

import { expect, test } from 'vitest';
import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { removeInboundSources } from '../../src/coordinator/upkeep/retention.ts';
import { sqlState } from '../../src/db/errors.ts';
import { type Actor, transaction } from '../../src/db/pool.ts';
import { advanceCursor } from '../../src/db/queries/inbound.gen.ts';
import { testDatabase } from '../database.ts';
import { createWorld, DAY_MS } from '../world.ts';
import { answer, inboundOf, report, take, writtenLead } from './inbound_world.ts';

const { db } = await testDatabase();
const world = await createWorld(db);
const { org_id, clock } = world;
const written = await writtenLead(world);
const { id } = await take(world, answer(written, 'Let me think about it for a moment.'));
const { id: suggesting } = await take(
  world,
  answer(await writtenLead(world), 'I left the company. Ask Bob, bob@else.example.'),
);
const { id: bounce } = await take(
  world,
  report(await writtenLead(world), { status: '5.0.0', words: '554 error 4711' }),
);
const lead_of_nothing = await world.addLead();
const other = await createWorld(db);
const foreign = await writtenLead(other);

const AGENT: Actor = { org_id, kind: 'agent', id: 'roles.sales' };
const PERSON: Actor = {
  org_id,
  kind: 'human',
  id: world.person.kind === 'human' ? world.person.user_id : '',
};

/** The SQLSTATE of a statement by the application's role with this actor. */
async function refusal(actor: Actor, statement: string, values: unknown[] = []): Promise<string | undefined> {
  try {
    await transaction(db.app, actor, (tx) => tx.query(statement, values));
    return undefined;
  } catch (error) {
    return sqlState(error);
  }
}

const COLUMNS = `org_id, id, source, raw_hash, from_address, received_at, created_at, kind, matched_by`;
const VALUES = `'${org_id}', gen_random_uuid(), 'http', sha256(gen_random_uuid()::text::bytea), 'a@b.example', now(), now(), 'reply'`;

test.each([
  ['its text', `UPDATE inbound_messages SET text = 'yes' WHERE id = '${id}'`, 'TL012'],
  ['its lead', `UPDATE inbound_messages SET lead_id = NULL, matched_by = 'none' WHERE id = '${id}'`, 'TL012'],
  ['the existence of a message', `DELETE FROM inbound_messages WHERE id = '${id}'`, 'TL003'],
  [
    'the reader',
    `UPDATE inbound_messages SET intent = 'meeting', intent_source = 'person', intent_certain = true, handled_at = now(), handled_by_user_id = '${PERSON.id}' WHERE id = '${id}'`,
    'TL005',
  ],
  [
    'the touch of a reply',
    `INSERT INTO inbound_messages (${COLUMNS}, lead_id, queue_id, enrollment_id) SELECT ${VALUES}, 'in_reply_to', '${lead_of_nothing}', q.id, q.enrollment_id FROM sales_send_queue q WHERE q.id = '${written.queue_id}'`,
    'TL012',
  ],
  [
    'a match without evidence',
    `INSERT INTO inbound_messages (${COLUMNS}, lead_id) VALUES (${VALUES}, 'token', '${written.lead_id}')`,
    '23514',
  ],
  [
    'a reader at the insert',
    `INSERT INTO inbound_messages (${COLUMNS}, handled_at, handled_by_agent) VALUES (${VALUES}, 'none', now(), 'roles.sales')`,
    'TL044',
  ],
  ...(
    [
      ['a message that no rule understands', 'other', null],
      ['a server’s notice', 'other', 'mail_server'],
      ['another sender’s request to opt out', 'unsubscribe', null],
    ] as const
  ).map(([what, kind, reason]) => [
    `${what} into a handled one`,
    `INSERT INTO inbound_messages (${COLUMNS}, reason, handled_at, lead_id, queue_id, enrollment_id, attempt_id) SELECT '${org_id}', gen_random_uuid(), 'http', sha256(gen_random_uuid()::text::bytea), 'a@b.example', now(), now(), '${kind}', 'in_reply_to', ${reason === null ? 'NULL' : `'${reason}'`}, now(), q.lead_id, q.id, q.enrollment_id, a.id FROM send_attempts a JOIN sales_send_queue q ON q.id = a.queue_id WHERE a.id = '${written.attempt_id}'`,
    'TL044',
  ]),
  [
    'an unknown bounce into a handled one',
    `INSERT INTO inbound_messages (${COLUMNS}, bounce_severity, bounce_cause, handled_at, lead_id, queue_id, enrollment_id) SELECT '${org_id}', gen_random_uuid(), 'http', sha256(gen_random_uuid()::text::bytea), 'a@b.example', now(), now(), 'bounce', 'in_reply_to', 'soft', 'unknown', now(), q.lead_id, q.id, q.enrollment_id FROM sales_send_queue q WHERE q.id = '${written.queue_id}'`,
    'TL044',
  ],
  [
    'who judges a bounce',
    `UPDATE inbound_messages SET bounce_severity = 'hard', handled_at = now(), handled_by_user_id = '${PERSON.id}' WHERE id = '${bounce}'`,
    'TL005',
  ],
  [
    'the cause of a bounce',
    `UPDATE inbound_messages SET bounce_cause = 'full' WHERE id = '${bounce}'`,
    'TL012',
  ],
  [
    'who becomes a suggested lead',
    `UPDATE inbound_messages SET suggested_lead_id = lead_id WHERE id = '${suggesting}'`,
    'TL005',
  ],
  [
    'the suggestion',
    `UPDATE inbound_messages SET suggested_email = 'other@b.example' WHERE id = '${suggesting}'`,
    'TL012',
  ],
  [
    'another org’s lead',
    `INSERT INTO inbound_messages (${COLUMNS}, lead_id) VALUES (${VALUES}, 'sender_only', '${foreign.lead_id}')`,
    '23503',
  ],
])('the coordinator cannot change %s', async (_, statement, state) => {
  expect(await refusal(coordinatorActor(org_id), statement)).toBe(state);
});

test('a person makes the suggested lead once', async () => {
  const set = `UPDATE inbound_messages SET suggested_lead_id = $1 WHERE id = $2`;
  expect(await refusal(PERSON, set, [lead_of_nothing, suggesting])).toBeUndefined();
  expect(await refusal(PERSON, set, [written.lead_id, suggesting])).toBe('TL012');
  expect(await refusal(PERSON, set, [written.lead_id, id])).toBe('23514');
});

test('a person judges a bounce once', async () => {
  const set = `UPDATE inbound_messages SET bounce_severity = $1, handled_at = now(), handled_by_user_id = $2 WHERE id = $3`;
  expect(await refusal(PERSON, set, ['soft', PERSON.id, bounce])).toBeUndefined();
  expect(await refusal(PERSON, set, ['hard', PERSON.id, bounce])).toBe('TL044');
});

test('agents can write no inbound rows', async () => {
  for (const statement of [
    `UPDATE inbound_messages SET intent = 'meeting' WHERE id = '${id}'`,
    `INSERT INTO inbound_messages (${COLUMNS}) VALUES (${VALUES}, 'none')`,
    `DELETE FROM inbound_sources`,
    `UPDATE mailbox_cursors SET last_uid = 1`,
  ]) {
    expect(await refusal(AGENT, statement)).toBe('TL005');
  }
});

test('no rule and no agent overrides a person’s classification', async () => {
  const said = `intent = 'question', intent_certain = true, handled_at = now()`;
  const by_person = `UPDATE inbound_messages SET ${said}, intent_source = 'person', handled_by_user_id = $1 WHERE id = $2`;
  expect(await refusal(PERSON, by_person, [PERSON.id, id])).toBeUndefined();
  const by_rules = `UPDATE inbound_messages SET intent = 'meeting', intent_source = 'rules', handled_by_user_id = NULL WHERE id = $1`;
  expect(await refusal(coordinatorActor(org_id), by_rules, [id])).toBe('TL044');
});

test('another org sees none of these rows', async () => {
  const rows = await transaction(db.app, coordinatorActor(other.org_id), (tx) =>
    tx.query('SELECT id FROM inbound_messages'),
  );
  expect(rows.rows).toEqual([]);
});

test('a folder is read forward only, even by a late reader', async () => {
  const [mailbox] = await world.rows<{ id: string }>('mailboxes');
  const at = { org_id, mailbox_id: mailbox!.id, folder: 'inbox' };
  const advance = (uid_validity: number, last_uid: number) =>
    transaction(db.app, coordinatorActor(org_id), (tx) =>
      advanceCursor.run({ ...at, uid_validity, last_uid, now: clock.now() }, tx),
    );
  await advance(1, 10);
  await advance(1, 7);
  expect(await world.rows('mailbox_cursors')).toMatchObject([{ last_uid: 10 }]);
  const back = `UPDATE mailbox_cursors SET last_uid = 3 WHERE mailbox_id = $1`;
  expect(await refusal(coordinatorActor(org_id), back, [mailbox!.id])).toBe('TL045');
  await advance(2, 1);
  expect(await world.rows('mailbox_cursors')).toMatchObject([{ uid_validity: 2, last_uid: 1 }]);
});

test('the source is kept for thirty days, and its result permanently', async () => {
  const work = { db: db.app, clock, org_id };
  expect(await world.rows('inbound_sources')).toHaveLength(3);
  clock.advance(29 * DAY_MS);
  await removeInboundSources(work);
  expect(await world.rows('inbound_sources')).toHaveLength(3);
  clock.advance(1 * DAY_MS);
  await removeInboundSources(work);
  expect(await world.rows('inbound_sources')).toEqual([]);
  expect(await inboundOf(world, id)).toMatchObject({ text: 'Let me think about it for a moment.' });
});

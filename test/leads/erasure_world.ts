import { transaction } from '../../src/db/pool.ts';
import { newId } from '../../src/ids.ts';
import { actorOf } from '../../src/principal.ts';
import type { TestDb } from '../database.ts';
import type { TaskWorld } from '../tasks/task_calls.ts';

export const EMAIL = 'zebulonia.quarkfeather@prospect.example';
/** Words that occur nowhere else. */
export const NAMES = ['zebulonia', 'quarkfeather', 'plumologist', 'xylograph', 'brindlewick', 'snorkelwort'];

/** A lead with a history: mails, an edit, a rejection, notes, tasks, a warning, a suppression, changes by hand. */
export async function livedIn(db: TestDb, world: TaskWorld): Promise<string> {
  const { person, org_id, clock } = world;
  const lead_id = await world.addLead({
    email: EMAIL,
    first_name: 'Zebulonia',
    last_name: 'Quarkfeather',
    linkedin_url: 'https://linkedin.example/in/quarkfeather',
    crm_contact_id: 'crm-quarkfeather',
  });
  await world.call('patch_lead', person, { id: lead_id, title: 'Plumologist' });
  await world.call('record_signal', person, {
    id: lead_id,
    side: 'sales',
    detail: 'Asked for a brindlewick.',
  });
  await world.call('request_sequence', person, {
    lead_id,
    campaign_slug: 'b2bea_membership_close',
    notes: 'She likes xylograph prints.',
  });
  await world.work();
  await transaction(db.app, actorOf(person), (tx) =>
    tx.query(
      `UPDATE lead_mailboxes SET reason = 'Quarkfeather asked', changed_by_user_id = $2 WHERE lead_id = $1`,
      [lead_id, person.kind === 'human' ? person.user_id : null],
    ),
  );
  const { draft } = await world.draftOf(lead_id);
  const edit = {
    id: draft.id,
    content_hash: draft.content_hash,
    subject: 'Brindlewick',
    body: 'About a brindlewick.',
  };
  await world.call('edit_draft', person, edit);
  await world.approve(lead_id);
  clock.advance(8 * 24 * 3_600_000);
  await world.work();
  const second = (await world.draftOf(lead_id)).draft;
  const rejected = {
    id: second.id,
    content_hash: second.content_hash,
    reason: 'Zebulonia said no snorkelwort.',
  };
  await world.call('reject_draft', person, rejected);
  await world.addTask({
    type: 'process_reply',
    role: 'roles.sales',
    lead_id,
    payload: { text: 'Yours, Zebulonia Quarkfeather' },
  });
  await db.query(
    `INSERT INTO flags (org_id, id, kind, subject, lead_id, for_role, detail, raised_at) VALUES ($1, $2, 'backlog', $3::uuid::text, $3, 'rep', $4, $5)`,
    [org_id, newId(clock), lead_id, { response: `550 <${EMAIL}>` }, clock.now()],
  );
  await db.query(
    `INSERT INTO notifications (org_id, id, to_agent, kind, lead_id, detail, created_at) VALUES ($1, $2, 'roles.sales', 'note', $3, $4, $5)`,
    [org_id, newId(clock), lead_id, { about: EMAIL }, clock.now()],
  );
  await db.query(
    `INSERT INTO idempotency_keys (org_id, principal_kind, principal_id, key, operation, request_hmac, claim_id, claimed_at,
       lease_until, expires_at, answered_at, status, body, replayable)
     VALUES ($1, 'human', 'x', $2, 'patch_lead', sha256('x'), gen_random_uuid(), $3, $3, $3, $3, 200, $4, true)`,
    [org_id, lead_id, clock.now(), JSON.stringify({ id: lead_id, email: EMAIL, first_name: 'Zebulonia' })],
  );
  await transaction(db.app, actorOf(person), (tx) =>
    tx.query(
      `INSERT INTO suppressions (org_id, id, kind, value, reason, source, created_at) VALUES ($1, gen_random_uuid(), 'address', $2, 'asked', 'earlier', $3)`,
      [org_id, EMAIL, clock.now()],
    ),
  );
  const raw = `From: Zebulonia Quarkfeather <${EMAIL}>\r\nSubject: Snorkelwort\r\n\r\nIs the brindlewick a xylograph?\r\n`;
  const answer = await world.call('take_inbound', person, { raw });
  const said = { id: answer.id, intent: 'question' as const, note: 'Zebulonia asks.' };
  await world.call('handle_inbound', person, said);
  await world.call('opt_out_lead', person, { id: lead_id, reason: 'Zebulonia wrote: no more.' });
  return lead_id;
}

/** All rows of all tables as text, as in a dump, and the places of the words in them. */
export async function placesOf(db: TestDb, words: readonly string[]): Promise<string[]> {
  const { rows: tables } = await db.query<{ name: string }>(
    `SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname IN ('public', 'pgboss') AND c.relkind = 'r'`,
  );
  const places: string[] = [];
  for (const { name } of tables) {
    const { rows } = await db.query<{ text: string }>(`SELECT t::text AS text FROM ${name} t`);
    for (const { text } of rows)
      for (const word of words)
        if (text.toLowerCase().includes(word)) places.push(`${name}: ${word}: ${text}`);
  }
  return places;
}

import { describe, expect, it } from 'vitest';
import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { readInbound, takeInbound } from '../../src/coordinator/inbound/inbound.ts';
import { sqlState } from '../../src/db/errors.ts';
import { transaction } from '../../src/db/pool.ts';
import { readMail } from '../../src/mail/read_mail.ts';
import { actorOf } from '../../src/principal.ts';
import { verify } from '../audit/chain_world.ts';
import { untilBlocked } from '../blocked.ts';
import { testDatabase } from '../database.ts';
import {
  absence,
  answer,
  complaint,
  enrollmentsOf,
  inboundOf,
  mailFrom,
  replyTasks,
  report,
  take,
  writtenLead,
} from '../inbound/inbound_world.ts';
import { attempts } from '../sending/send_world.ts';
import { type TaskWorld, taskWorld } from '../tasks/task_calls.ts';
import { placesOf } from './erasure_world.ts';

/* Received mail about an erased person: mail from before the erasure, and mail that arrives later. */

const { db } = await testDatabase();

const erase = (world: TaskWorld, id: string) =>
  world.call('erase_lead', world.person, { id, reason: 'They asked us to.' });
const WORDS = 'Is the plumologist a xylograph?';

describe('mail from before the erasure', () => {
  it('loses the address and the words, whichever lead it is filed under', async () => {
    const world = await taskWorld(db);
    const email = 'brindle@prospect.example';
    const person = await writtenLead(world, { email });
    const other = await writtenLead(world, { email: 'other@prospect.example' });
    const unknown = { email, message_id: '<nobody-knows@elsewhere.example>' };
    const mails = [
      report(unknown),
      report({ email, message_id: other.message_id }, { name: 'forwarded' }),
      mailFrom(`B <${email.toUpperCase()}>`, WORDS, { 'In-Reply-To': other.message_id }),
      mailFrom('mailer-daemon@mx.example', `A message to <${email}> was not delivered: ${WORDS}`),
    ];
    const taken = [];
    for (const raw of mails) taken.push((await take(world, raw)).id);
    const { id: others } = await take(world, mailFrom('joe@x.example', `a${email} is nobody here`));
    const said = { id: taken[2]!, intent: 'question' as const, note: 'A plumologist asks.' };
    await world.call('handle_inbound', world.person, said);
    const before = (await verify(world)).head_hash;
    expect((await placesOf(db, [email])).length).toBeGreaterThan(6);

    expect(await erase(world, person.lead_id)).toMatchObject({ changed: true });
    const words = [email, 'plumologist', 'xylograph'];
    expect((await placesOf(db, words)).filter((place) => !place.includes(`a${email}`))).toEqual([]);
    expect((await inboundOf(world, others)).text).toContain('is nobody here');
    expect(await inboundOf(world, taken[2]!)).toMatchObject({ lead_id: other.lead_id, kind: 'reply' });
    expect(await verify(world, before)).toMatchObject({ ok: true, finding: null });

    // Erase the other lead as well: what is already removed stays as recorded.
    expect(await erase(world, other.lead_id)).toMatchObject({ changed: true });
    expect(await verify(world, before)).toMatchObject({ ok: true, finding: null });
  });

  it('is also found when it arrives at the same moment', async () => {
    const world = await taskWorld(db);
    const email = 'moment@prospect.example';
    const id = await world.addLead({ email });
    const { org_id, clock, context } = world;
    const raw = Buffer.from(report({ email, message_id: '<nobody-knows@elsewhere.example>' }));
    const read = await readInbound(raw, { readMail });
    const erased = await transaction(db.app, coordinatorActor(org_id), async (tx) => {
      const place = { source: 'http', mailbox_id: null } as const;
      await takeInbound({ tx, org_id, clock }, read, place, context.secret);
      const erasing = erase(world, id);
      await untilBlocked(db);
      return { erasing };
    });
    expect(await erased.erasing).toMatchObject({ changed: true });
    expect(await placesOf(db, [email])).toEqual([]);
  });

  it('keeps what a report says about another person’s address', async () => {
    const world = await taskWorld(db);
    const gone = await world.addLead({ email: 'gone@prospect.example' });
    const other = await writtenLead(world, { email: 'stays@prospect.example' });
    const raw = report(other).replace('This is the mail system', 'It was for gone@prospect.example, too');
    const { id } = await take(world, raw);
    await erase(world, gone);
    expect(await inboundOf(world, id)).toMatchObject({ bounced_address: other.email, text: '' });
  });
});

describe('mail from after the erasure', () => {
  it('restores no word, address, task or suppression', async () => {
    const world = await taskWorld(db);
    const email = 'late@prospect.example';
    const person = await writtenLead(world, { email });
    const { lead_id } = person;
    await erase(world, lead_id);
    const before = (await verify(world)).head_hash;
    const mails: [string, object][] = [
      [answer(person, WORDS), { kind: 'reply', matched_by: 'in_reply_to', lead_id }],
      [answer(person, 'Unsubscribe'), { kind: 'unsubscribe', lead_id }],
      [absence(person, 'I am away until 5 May.'), { lead_id, return_date: null }],
      [mailFrom(`L <${email.toUpperCase()}>`, WORDS), { kind: 'reply', matched_by: 'none' }],
      [report(person), { kind: 'bounce', lead_id, bounced_address: null, bounce_severity: 'hard' }],
      [report({ email, message_id: '<unknown@x.example>' }), { kind: 'bounce', matched_by: 'none' }],
      [complaint(person), { kind: 'complaint', lead_id }],
      [mailFrom('mailer-daemon@mx.example', `No ${email} here.`), { matched_by: 'none' }],
    ];
    for (const [raw, expected] of mails) {
      const { id, is_new } = await take(world, raw);
      expect(is_new).toBe(true);
      const row = await inboundOf(world, id);
      expect(row).toMatchObject({
        from_address: '',
        to_address: null,
        message_id: null,
        subject: '',
        text: '',
      });
      expect(row).toMatchObject({ ...expected, task_id: null });
      expect(row.handled_at).not.toBeNull();
      expect(await take(world, raw)).toEqual({ id, is_new: false });
    }
    expect(await placesOf(db, [email, 'plumologist', 'xylograph'])).toEqual([]);
    for (const table of ['suppressions', 'inbound_sources', 'flags'])
      expect(await world.rows(table), table).toEqual([]);
    expect(await replyTasks(world, lead_id)).toEqual([]);
    // A report about the mailbox itself counts.
    const [attempt] = await attempts(world);
    expect(attempt!.bounced_at).not.toBeNull();
    expect(await verify(world, before)).toMatchObject({ ok: true });
  });

  it('in reply to a message to another lead stops that lead and needs a person’s review', async () => {
    const world = await taskWorld(db);
    const email = 'writes@prospect.example';
    const gone = await world.addLead({ email });
    const other = await writtenLead(world, { email: 'kept@prospect.example' });
    await erase(world, gone);
    const { id } = await take(world, mailFrom(email, WORDS, { 'In-Reply-To': other.message_id }));
    const { lead_id } = other;
    expect(await inboundOf(world, id)).toMatchObject({ lead_id, from_address: '', text: '', task_id: null });
    expect(await enrollmentsOf(world, lead_id)).toMatchObject([{ status: 'paused', paused_reason: 'reply' }]);
    expect(await world.rows('flags', `kind = 'reply_waiting'`)).toMatchObject([{ subject: id }]);
    expect(await placesOf(db, [email, 'plumologist'])).toEqual([]);
    await world.call('handle_inbound', world.person, { id, intent: 'question' });
    expect(await inboundOf(world, id)).toMatchObject({ intent: 'question' });
  });

  it('is refused by the database with words, a source, a note or a task', async () => {
    const world = await taskWorld(db);
    const person = await writtenLead(world);
    const { lead_id } = person;
    await erase(world, lead_id);
    const { id } = await take(world, answer(person, WORDS));
    const as = (who: Parameters<typeof transaction>[1], text: string) =>
      transaction(db.app, who, (tx) => tx.query(text)).then(() => null, sqlState);
    const product = coordinatorActor(world.org_id);
    const again = (set: string) => `INSERT INTO inbound_messages
        (org_id, id, source, raw_hash, from_address, received_at, created_at, kind, matched_by, lead_id, subject, text)
      SELECT org_id, gen_random_uuid(), 'http', sha256(gen_random_uuid()::text::bytea), i.from_address, received_at, created_at, 'other',
        'sender_only', lead_id, i.subject, i.text
      FROM (SELECT m.*, ${set} FROM (SELECT org_id, received_at, created_at, lead_id FROM inbound_messages WHERE id = '${id}') m) i`;
    expect(await as(product, again(`'' AS from_address, '' AS subject, '' AS text`))).toBe(null);
    expect(await as(product, again(`'x@x.example' AS from_address, '' AS subject, '' AS text`))).toBe(
      'TL040',
    );
    expect(await as(product, again(`'' AS from_address, 'x' AS subject, '' AS text`))).toBe('TL040');
    expect(await as(product, again(`'' AS from_address, '' AS subject, 'x' AS text`))).toBe('TL040');
    const source = `INSERT INTO inbound_sources SELECT org_id, id, 'x', now() FROM inbound_messages WHERE id = '${id}'`;
    expect(await as(product, source)).toBe('TL040');
    const note = `UPDATE inbound_messages SET note = 'x', handled_at = now() WHERE id = '${id}'`;
    expect(await as(actorOf(world.person), note)).toBe('TL040');
    const said = { id, intent: 'question' as const, note: 'A plumologist asks.' };
    expect(await world.refused('handle_inbound', world.person, said)).toMatchObject({ code: 'lead_erased' });
    await expect(
      world.addTask({ type: 'process_reply', role: 'roles.sales', lead_id }),
    ).rejects.toMatchObject({
      code: 'TL040',
    });
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { startClock } from '../../src/clock.ts';
import { startCatcher } from '../../src/connectors/catcher.ts';
import { smtpSender } from '../../src/connectors/smtp.ts';
import { definitions } from '../../src/operations/definitions.ts';
import { mail } from '../connectors/mail.ts';
import { testDatabase } from '../database.ts';
import { createWorld, type World } from '../world.ts';
import { approvedLeads, deliver, mailboxOf } from './send_world.ts';

const { db } = await testDatabase();
const dir = await mkdtemp(join(tmpdir(), 'caught-'));
const catcher = await startCatcher({ clock: startClock(), dir });
const sender = smtpSender({ url: catcher.url, connection_timeout_ms: 5_000, socket_timeout_ms: 5_000 });
afterAll(async () => {
  await sender.close();
  await catcher.close();
  await rm(dir, { recursive: true });
});

function call(world: World, name: string, input: Record<string, unknown>) {
  const { input: schema, run } = definitions.find((one) => one.name === name)!;
  const context = { ...world.context, catcher, mail: sender };
  return run({ context, principal: world.person, input: schema.parse(input) } as never);
}

type Page = { items: { to: string[]; is_to_user: boolean }[]; next_cursor: string | null };
const caught = (world: World, input = {}) => call(world, 'list_caught_messages', input) as Promise<Page>;

it('an organization sees its own mail and test messages, but none of other organizations or strangers', async () => {
  const [one, other] = [await createWorld(db), await createWorld(db)];
  for (const world of [one, other]) {
    await approvedLeads(world, 2);
    await deliver(world, sender);
  }
  await call(one, 'test_mailbox', { id: (await mailboxOf(one)).id, send: true });
  await sender.send(mail({}));
  expect(catcher.message_count).toBe(6);
  const addresses = async (world: World) => {
    const { rows } = await db.query<{ email: string }>('SELECT email FROM leads WHERE org_id = $1', [
      world.org_id,
    ]);
    return rows.map(({ email }) => email).sort();
  };
  const to = ({ items }: Page) => items.flatMap((message) => message.to);
  expect(to(await caught(other)).sort()).toEqual(await addresses(other));
  const own = to(await caught(one));
  expect(own).toHaveLength(3);
  const to_leads = (await caught(one)).items.filter(({ is_to_user }) => !is_to_user);
  expect(to_leads.flatMap((message) => message.to).sort()).toEqual(await addresses(one));
  expect(own).toEqual(expect.arrayContaining(await addresses(one)));
  const first = await caught(one, { limit: 2 });
  const second = await caught(one, { limit: 2, cursor: first.next_cursor! });
  expect([...to(first), ...to(second)]).toEqual(own);
  expect(second.next_cursor).toBeNull();
});

it('erasing a lead removes its mail in both directions, and keeps that of others and of other organizations', async () => {
  const [one, other] = [await createWorld(db), await createWorld(db)];
  for (const world of [one, other]) {
    await approvedLeads(world, 2);
    await deliver(world, sender);
  }
  const { rows } = await db.query<{ id: string; email: string }>(
    'SELECT id, email FROM leads WHERE org_id = $1 ORDER BY email',
    [one.org_id],
  );
  const [gone, kept] = [rows[0]!, rows[1]!];
  // The address exists in both organizations. Without a token the owner of the mail is unknown.
  await sender.send(
    mail({ from: { name: 'Me', address: gone.email }, to: { name: 'Tara', address: 'tara@b2bea.test' } }),
  );
  const to = async (world: World) => (await caught(world)).items.flatMap((message) => message.to);
  const of_other = await to(other);
  expect(of_other).toHaveLength(2);
  const erased = await call(one, 'erase_lead', { id: gone.id, reason: 'They asked us to.' });
  expect(erased).toMatchObject({ changed: true, caught_mail_count: 2 });
  expect(await to(one)).toEqual([kept.email]);
  expect(await to(other)).toEqual(of_other);
  // The next call also removes what an interrupted erasure left, although the address is no longer stored.
  await sender.send(mail({ to: { name: 'Me', address: gone.email } }));
  expect(await call(one, 'erase_lead', { id: gone.id, reason: 'Again.' })).toMatchObject({
    changed: false,
    caught_mail_count: 1,
  });
});

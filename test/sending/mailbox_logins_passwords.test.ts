import { beforeAll, expect, it } from 'vitest';
import { connectionOf, inboxOf } from '../../src/coordinator/sending/mailbox_logins.ts';
import { sealSecret } from '../../src/coordinator/sending/sealed_secret.ts';
import type { MailboxesRow } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { type OauthWorld, oauthWorld, operate, rawRefusal } from './mailbox_oauth_world.ts';

/* A mailbox's password reaches only the server that it was entered for, whatever is written. */

const { db } = await testDatabase();
let world: OauthWorld;
const login = { user: 'tara', password: 'sesame-open' };
const server = { host: 'mail.example', port: 465, security: 'tls' } as const;

beforeAll(async () => {
  world = await oauthWorld(db);
  await operate(world, 'patch_mailbox', {
    id: world.mailbox_id,
    smtp: { ...server, ...login },
    imap: { ...server, port: 993, ...login },
  });
});

const stored = async () => (await world.rows<MailboxesRow>('mailboxes', `id = '${world.mailbox_id}'`))[0]!;
const secret = () => world.context.secret;
const write = (change: string) =>
  rawRefusal(db, world, `UPDATE mailboxes SET ${change} WHERE id = '${world.mailbox_id}'`, 'coordinator');

it.each([
  `smtp_host = 'evil.example'`,
  'smtp_port = 2597',
  `smtp_security = 'none'`,
  `smtp_user = 'other'`,
  `imap_host = 'evil.example'`,
  'imap_port = 2597',
  `imap_security = 'none'`,
])('a sealed password stays with its server: %s is refused', async (change) => {
  expect(await write(change)).toBe('TL052');
});

it('a sealed password cannot be opened for another server when it is restored later', async () => {
  const row = await stored();
  expect(connectionOf(row, secret())).toMatchObject({ host: 'mail.example', auth: { pass: 'sesame-open' } });
  for (const change of [
    { smtp_host: 'evil.example' },
    { smtp_port: 1 },
    { smtp_security: 'none' as const },
  ]) {
    expect(connectionOf({ ...row, ...change }, secret())).toBeUndefined();
  }
  expect(inboxOf({ ...row, imap_host: 'evil.example' }, secret())).toBeUndefined();
  expect(connectionOf({ ...row, smtp_security: 'starttls' }, secret())).toMatchObject({
    auth: { pass: 'sesame-open' },
  });
});

it('a sealed password opens as before where it was sealed for the mailbox alone', async () => {
  const row = await stored();
  const { org_id, id } = row;
  const older = sealSecret(secret(), 'sesame-open', ['mailbox_smtp', org_id, id]);
  expect(connectionOf({ ...row, smtp_password: older }, secret())).toMatchObject({
    auth: { pass: 'sesame-open' },
  });
});

it('a sealed password is sent encrypted even if it was entered for clear text', async () => {
  const smtp = { ...server, port: 25, security: 'none', ...login };
  await operate(world, 'patch_mailbox', { id: world.mailbox_id, smtp });
  await operate(world, 'patch_mailbox', {
    id: world.mailbox_id,
    smtp: { ...smtp, security: 'starttls', password: undefined },
  });
  expect(connectionOf(await stored(), secret())).toMatchObject({
    security: 'starttls',
    auth: { pass: 'sesame-open' },
  });
});

it('a sealed password is entered again with another server, or deleted with the old one', async () => {
  const smtp = { ...server, host: 'other.example', ...login };
  await operate(world, 'patch_mailbox', { id: world.mailbox_id, smtp });
  expect(connectionOf(await stored(), secret())).toMatchObject({ host: 'other.example' });
  expect(await write(`smtp_host = 'third.example', smtp_user = NULL, smtp_password = NULL`)).toBeNull();
});

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { mailOauth } from '../../src/connectors/mail_oauth.ts';
import { makeSignInLink } from '../../src/operations/access/sessions.ts';
import { registry } from '../../src/operations/registry.ts';
import { runCli } from '../../src/surfaces/cli.ts';
import { signInCommands } from '../../src/surfaces/cli_sign_in.ts';
import { testDatabase } from '../database.ts';
import { addKey, addPerson, PASSWORD } from '../sending/door.ts';
import { mailboxOf } from '../sending/send_world.ts';
import { type ServedProduct, serveProduct } from './product.ts';
import { sink } from './terminal.ts';

const { db } = await testDatabase();
const folder = mkdtempSync(join(tmpdir(), 'touchline-sign-in-'));
let product: ServedProduct;
let person: { user_id: string; email: string };

beforeAll(async () => {
  const mail_oauth = mailOauth({ allow_local: true, timeout_ms: 1_000 });
  product = await serveProduct(db, {}, { observed: { mail_oauth } });
  person = await addPerson(db, product.world.org_id, { roles: ['revops', 'slm'] });
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await product.close();
});

/** One command line of a user of the machine, and their answers to its prompts. */
async function run(line: string, typed = '', env: NodeJS.ProcessEnv = {}) {
  const [out, err] = [sink(), sink()];
  const io = {
    stdout: out.stream,
    stderr: err.stream,
    stdin: Readable.from([Buffer.from(typed)]),
    is_tty: false,
    columns: 0,
  };
  const own = () => ({
    ...readConfig({ XDG_CONFIG_HOME: folder, TOUCHLINE_URL: product.server.url, ...env }),
    data_dir: folder,
  });
  const builtin = signInCommands({ readConfig: own, io });
  const code = await runCli(line.split(' '), { registry, builtin, readConfig: own, io });
  return { code, out: out.text(), err: err.text() };
}

const signedIn = () => run('sign-in', `${person.email}\n${PASSWORD}\n`);

describe('touchline sign-in', () => {
  it('lets users without a key work as themselves until they sign out', async () => {
    expect((await run('whoami')).err).toContain('touchline sign-in');
    const { code, out } = await signedIn();
    expect([code, out]).toEqual([0, expect.stringContaining(`as ${person.email} (revops, slm)`)]);
    expect(out + (await run('help')).out).not.toContain(PASSWORD);
    const me = await run('whoami');
    expect(me.out).toContain(person.email);
    expect((await run('me')).out).toContain(person.email);
    expect((await run('plays config segment mid_market --name Mid')).code).toBe(0);
    expect((await run('users')).err).toContain('forbidden');
    const signed_out = await run('sign-out');
    expect([signed_out.code, signed_out.out]).toEqual([0, `Signed out at ${product.server.url}.\n`]);
    expect((await run('whoami')).code).toBe(1);
    expect((await run('sign-out')).err).toContain('Not signed in');
    expect(await product.world.rows('sessions', 'revoked_at IS NULL')).toEqual([]);
  });

  it('keeps the session where only this user can read it, and prints the path', async () => {
    const { out } = await signedIn();
    const file = join(folder, 'touchline', 'sessions.json');
    expect(out).toContain(file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'touchline')).mode & 0o777).toBe(0o700);
  });

  it('takes a one-time link, and never overrides a given key', async () => {
    await run('sign-out');
    const token = await makeSignInLink(db.app, product.world.clock, {
      org_id: product.world.org_id,
      user_id: person.user_id,
    });
    const link = `${product.server.url}/sign-in#${token}`;
    expect((await run(`sign-in --link ${link} --json`)).out).toContain(`"email": "${person.email}"`);
    expect((await run(`sign-in --link ${link}`)).err).toContain('link_invalid');
    expect((await run('sign-in --link nonsense')).code).toBe(2);
    const admin = await run('whoami', '', { TOUCHLINE_API_KEY: product.key });
    expect(admin.out).toContain('admin');
  });

  it('reports errors, and an expired session', async () => {
    const wrong = await run('sign-in', `${person.email}\nnot the password\n`);
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('sign_in_failed')]);
    expect((await run('sign-in', '')).code).toBe(2);
    await signedIn();
    await db.query('UPDATE sessions SET revoked_at = now() WHERE user_id = $1 AND revoked_at IS NULL', [
      person.user_id,
    ]);
    expect((await run('whoami')).err).toContain('This session has ended.');
  });
});

it('lets users create keys of their own, which the audit records', async () => {
  await signedIn();
  const made = await run(['keys', 'create', 'report', '--scopes', 'read,plays:write', '--json'].join(' '));
  const { key, scopes } = JSON.parse(made.out);
  expect(scopes).toEqual(['read', 'plays:write']);
  expect((await run('plays config', '', { TOUCHLINE_API_KEY: key })).code).toBe(0);
  expect((await run('keys create another', '', { TOUCHLINE_API_KEY: key })).err).toContain('scope_missing');
  const written = await product.world.rows<{ operation: string; surface: string; actor_id: string }>(
    'audit_log',
    `subject_table = 'api_keys' AND operation = 'create_api_key'`,
  );
  expect(written.at(-1)).toMatchObject({ surface: 'cli', actor_id: person.user_id });
});

it('touchline password changes it and keeps this session', async () => {
  await signedIn();
  const next = 'another long password';
  expect((await run('password', `not it at all\n${next}\n`)).err).toContain('password_wrong');
  expect((await run('password', `${PASSWORD}\nshort\n`)).code).not.toBe(0);
  expect((await run('password', `${PASSWORD}\n${next}\n`)).out).toMatch(/^Password changed\./);
  expect((await run('whoami')).out).toContain(person.email);
  expect((await run('sign-in', `${person.email}\n${PASSWORD}\n`)).err).toContain('sign_in_failed');
  expect((await run('sign-in', `${person.email}\n${next}\n`)).code).toBe(0);
});

describe('touchline mailbox connect', () => {
  const client = '--provider google --client-id ours --client-secret hidden';

  it('requires a signed-in user, whatever key is set, and says so otherwise', async () => {
    const { id } = await mailboxOf(product.world);
    const admin = await addPerson(db, product.world.org_id, { roles: ['admin'] });
    await run('sign-out');
    const nobody = await run(`mailbox connect ${id} ${client}`, '', { TOUCHLINE_API_KEY: product.key });
    expect([nobody.code, nobody.err]).toEqual([1, expect.stringContaining('Run touchline sign-in')]);
    const by_key = await run(`mailbox connect ${id} ${client} --key ${product.key}`);
    expect([by_key.code, by_key.err]).toEqual([1, expect.stringContaining('or by touchline sign-in')]);
    await run('sign-in', `${admin.email}\n${PASSWORD}\n`);
    const key = await addKey(db, product.world.org_id, { user_id: admin.user_id });
    const { code, out } = await run(`mailbox connect ${id} ${client}`, '', { TOUCHLINE_API_KEY: key });
    expect([code, out]).toEqual([0, expect.stringContaining('https://accounts.google.com/')]);
    expect((await run('mailbox connect --help')).out).toContain('Requires touchline sign-in');
    await run('sign-out');
  });

  it('is not confused with its opposite, nor another word with the id', async () => {
    const unknown = 'Unknown command: mailbox';
    const typed = await run('mailbox conect');
    expect([typed.code, typed.err]).toEqual([
      2,
      `${unknown} conect. Did you mean: touchline mailbox connect\n`,
    ]);
    for (const line of [
      'mailbox onnect x',
      'mailbox reconnect x',
      'mailbox reconnect --help',
      'help mailbox nonsense',
    ]) {
      const { code, err } = await run(line);
      expect([line, code, err.includes('mailbox disconnect\n') && err.includes('you mean')]).toEqual([
        line,
        2,
        false,
      ]);
    }
    const help = await run('mailbox nonsense --help');
    expect([help.code, help.out]).toEqual([2, '']);
    expect(help.err).toContain(`${unknown} nonsense. Available commands:\n  touchline mailbox ID\n`);
    expect((await run('plays nonsense --help')).code).toBe(2);
    expect((await run('mailbox --help')).code).toBe(0);
  });
});

it.each([
  ['plays pickup x', 'plays pick-up'],
  ['keys revok x', 'keys revoke'],
  ['analytics brain', 'analytics brains'],
  ['signin', 'sign-in'],
])('%s: did you mean %s', async (typed, meant) => {
  const { code, err } = await run(typed);
  expect([code, err]).toEqual([2, expect.stringContaining(`Did you mean: touchline ${meant}`)]);
});

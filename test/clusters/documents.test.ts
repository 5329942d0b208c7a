import { spawnSync } from 'node:child_process';
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { selfSigned } from '../connectors/self_signed.ts';
import { ask as askDatabase, type Cluster, startCluster } from './cluster.ts';
import { type Block, commandsInSentences, documentBlocks } from './document_blocks.ts';
import { type MailServer, startMailServer } from './mail_server.ts';
import { ROOT, type Started, shell, type User } from './process.ts';
import { ask, type Door, sendOne } from './product_chain.ts';

/* This test runs the commands of the documents exactly as written, on a server without preparation, as an ordinary login
   and an ordinary system user. Only placeholders for the reader's own names are replaced. */

/** The first line of each block that is run, and the test that runs it. */
const RUN = {
  'npm ci && npm start': 'newcomer',
  'npx touchline explain LEAD': 'newcomer',
  'export LLM_API_KEY=... LLM_MODEL=...': 'model',
  "CREATE ROLE touchline LOGIN PASSWORD 'PASSWORD';": 'database',
  'GRANT touchline_app TO second WITH SET TRUE;': 'database',
  'export DATABASE_URL=postgres://touchline:PASSWORD@db.example/touchline SMTP_URL=smtps://USER:PASSWORD@mail.example':
    'database',
  'touchline mailbox set ID --smtp \'{"host":"smtp.gmail.com","port":465,"security":"tls","login":"oauth"}\' --imap \'{"host":"imap.gmail.com","port":993,"security":"tls","login":"oauth"}\'':
    'database',
} as const;

/** Lines that are not run here, with the reason. */
const NOT_RUN: Record<string, string> = {
  'npx touchline segments': 'sets nothing up: test/plays',
  'npx touchline plays --state draft': 'sets nothing up: test/plays',
  'npx touchline plays pick-up PLAY && npx touchline plays preview PLAY': 'sets nothing up: test/plays',
  'npx touchline plays approve PLAY revops': 'sets nothing up: test/plays',
  'npx touchline plays retire PLAY --reason completed': 'sets nothing up: test/plays',
};

/**
 * Commands within sentences that set something up, with their replacements, and those that run in a block or set nothing
 * up.
 */
const IN_SENTENCES: Record<string, Readonly<Record<string, string>>> = {
  'agents set roles.sales outside': {},
  'users create EMAIL --name NAME --roles rep': { EMAIL: 'cora@acme.example', NAME: 'Cora' },
  'keys create NAME --scopes read,plays:write': { NAME: 'script' },
  'organization set --name NAME --postal-address ADDRESS': { NAME: 'Acme', ADDRESS: '"2 Way, Town"' },
};
const SET_NOTHING_UP = [
  'mailbox connect ID',
  'users set ID --no-is-active',
  'users set ID --manager-user-id MANAGER',
  'suppressions add competitor.example --reason "a competitor"',
  'suppressions import FILE',
  'addresses add LEAD VALUE',
  'opportunity add LEAD --name NAME',
  'crm connect CRM',
  'service-records add --rows JSON',
  'opportunities import FILE',
];

const blocks = documentBlocks();
const sentences = commandsInSentences();
const beginning = (line: keyof typeof RUN): Block => blocks.find(({ lines }) => lines[0] === line)!;

let home: string;
let user: User;
let env: Record<string, string>;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'touchline-reader-'));
  await chmod(home, 0o755);
  user = ordinaryUser();
  // Installing would replace the packages on which the tests run.
  const npm = ['#!/bin/sh', '[ "$1" = ci ] && exit 0', `export PATH="${process.env.PATH}"`, 'exec npm "$@"'];
  await writeFile(join(home, 'npm'), `${npm.join('\n')}\n`, { mode: 0o755 });
  await writeFile(join(home, 'leads.csv'), 'email,first_name,icp_tier\nbo@buyer.example,Bo,T2\n');
  if (user.uid !== undefined) await chown(home, user.uid, user.gid!);
  env = { PATH: `${home}:${process.env.PATH}`, HOME: home, PORT: '0', NO_UPDATE_NOTIFIER: '1' };
});

afterAll(() => rm(home, { recursive: true, force: true }));

/** A user other than root, where root runs the tests and others can read the project. */
function ordinaryUser(): User {
  const nobody = { uid: 65_534, gid: 65_534 };
  if (process.getuid?.() !== 0) return {};
  const looked = spawnSync('sh', ['-c', 'test -r package.json && test -x node_modules'], {
    cwd: ROOT,
    ...nobody,
  });
  return looked.status === 0 ? nobody : {};
}

/** Replaces placeholders of the reader's own. Each one must occur. */
function filledIn(text: string, own: Readonly<Record<string, string>>): string {
  return Object.entries(own).reduce((filled, [name, value]) => {
    expect(filled, `the document names ${name}`).toContain(name);
    return filled.replaceAll(name, value);
  }, text);
}

test('every line to type is run, or has a reason why not', () => {
  const unknown = blocks
    .filter(({ lines }) => !Object.hasOwn(RUN, lines[0] ?? ''))
    .flatMap(({ file, lines }) =>
      lines.filter((line) => !Object.hasOwn(NOT_RUN, line)).map((line) => `${file}: ${line}`),
    );
  expect(unknown).toEqual([]);
  const all = blocks.flatMap(({ lines }) => lines);
  // A lone name is mentioned, not typed.
  const typed = sentences.filter((line) => line.includes(' '));
  const setting_up = typed.filter((line) => /\b(add|connect|create|import|init|set|up)\b/.test(line));
  expect(setting_up.toSorted()).toEqual([...Object.keys(IN_SENTENCES), ...SET_NOTHING_UP].toSorted());
  const gone = [...Object.keys(RUN), ...Object.keys(NOT_RUN)].filter((line) => !all.includes(line));
  expect(gone).toEqual([]);
});

test('a language model is set up', async () => {
  for (const line of beginning('export LLM_API_KEY=... LLM_MODEL=...').lines) {
    const asked = shell(`${line}\nenv`, env);
    expect(await asked.exited).toBe(0);
    const set = Object.fromEntries(
      asked
        .printed()
        .split('\n')
        .map((pair) => pair.split(/=(.*)/s, 2)),
    );
    expect(readConfig(set).llm).not.toBeNull();
  }
});

test('a newcomer starts the product and explains a lead', { timeout: 300_000 }, async () => {
  const own = { ...env, TOUCHLINE_DATA_DIR: join(home, 'data'), TOUCHLINE_SAMPLE: 'none' };
  const product = shell(beginning('npm ci && npm start').text, own, user);
  try {
    await product.until(/Sign in, once, with this link/);
    const file = join(home, 'leads.csv');
    const imported = shell(`npx touchline import leads ${file}`, own, user);
    expect(await imported.exited, imported.printed()).toBe(0);
    const lines = beginning('npx touchline explain LEAD').lines.join('\n');
    const filled = filledIn(lines, {
      'FILE.csv': file,
      'FILE.yaml': 'campaigns/dreamborn.yaml',
      LEAD: 'bo@buyer.example',
      CAMPAIGN: 'b2bea_membership_close',
    });
    let printed = '';
    for (const line of filled.split('\n')) {
      const asked = shell(line, own, user);
      // A test machine has faults to fix, and the doctor reports them.
      const good = line.endsWith('doctor') ? [0, 1] : [0];
      expect(good, `${line}: ${asked.printed()}`).toContain(await asked.exited);
      printed = asked.printed();
    }
    // The last command, help, names every command.
    const unknown = sentences.filter((line) => {
      const [words = ''] = /^[a-z-]+( [a-z][a-z-]*(?= |$))*/.exec(line) ?? [];
      return !printed.includes(`\n  ${words} `);
    });
    expect(unknown).toEqual([]);
  } finally {
    await product.stop();
  }
});

describe('on a separate database', () => {
  const tls = selfSigned();
  let cluster: Cluster;
  let mail: MailServer;
  let product: Started | undefined;
  let door: Door;

  beforeAll(async () => {
    await writeFile(join(home, 'certificate.pem'), tls.cert);
    [cluster, mail] = await Promise.all([startCluster(18), startMailServer(tls)]);
  }, 60_000);

  afterAll(async () => {
    await product?.stop();
    await Promise.all([cluster?.stop(), mail?.close()]);
  }, 60_000);

  test('the administrator of a managed service creates login and role', async () => {
    await cluster.asSuperuser(`CREATE ROLE administrator LOGIN CREATEDB CREATEROLE PASSWORD 'secret'`);
    const as_administrator = cluster.url('administrator', 'secret', 'postgres');
    const [login, ...others] = beginning("CREATE ROLE touchline LOGIN PASSWORD 'PASSWORD';").lines;
    for (const statement of [login!, 'GRANT touchline TO CURRENT_USER', ...others]) {
      await askDatabase(as_administrator, statement);
    }
  });

  test('another administrator creates a second database, and the first one grants the role', {
    timeout: 60_000,
  }, async () => {
    await cluster.asSuperuser(`CREATE ROLE other LOGIN CREATEDB CREATEROLE PASSWORD 'secret'`);
    const as_other = cluster.url('other', 'secret', 'postgres');
    const [login, database, role] = beginning("CREATE ROLE touchline LOGIN PASSWORD 'PASSWORD';").lines;
    const second = (statement: string) => statement.replaceAll('touchline', 'second');
    for (const statement of [second(login!), 'GRANT second TO CURRENT_USER', second(database!)]) {
      await askDatabase(as_other, statement);
    }
    await expect(askDatabase(as_other, role!)).rejects.toMatchObject({ code: '42710' });
    const { lines } = beginning('GRANT touchline_app TO second WITH SET TRUE;');
    await expect(askDatabase(as_other, lines[0]!)).rejects.toMatchObject({ code: '42501' });
    const as_second = (name: string) => cluster.url('second', 'PASSWORD', name);
    const migrate = async () => {
      const asked = shell('npx touchline migrate', { ...env, DATABASE_URL: as_second('second') }, user);
      return { code: await asked.exited, printed: asked.printed() };
    };
    expect(await migrate()).toEqual({
      code: 3,
      printed: expect.stringContaining(`${lines[0]}\ntouchline_app is shared by all databases`),
    });
    expect((await migrate()).printed).toContain('only a superuser or administrator may grant it.');
    await askDatabase(as_second('touchline'), 'SELECT 1');
    for (const statement of lines) {
      await askDatabase(cluster.url('administrator', 'secret', 'postgres'), statement);
    }
    await expect(askDatabase(as_second('touchline'), 'SELECT 1')).rejects.toMatchObject({ code: '42501' });
    expect(await migrate()).toMatchObject({ code: 0 });
  });

  test('init, serve and work send a message', { timeout: 300_000 }, async () => {
    const block = beginning(
      'export DATABASE_URL=postgres://touchline:PASSWORD@db.example/touchline SMTP_URL=smtps://USER:PASSWORD@mail.example',
    );
    const script = filledIn(block.text, {
      'db.example': `127.0.0.1:${cluster.port}`,
      'mail.example': `127.0.0.1:${mail.port}`,
    });
    const trusting = { ...env, NODE_EXTRA_CA_CERTS: join(home, 'certificate.pem') };
    product = shell(`${script}\necho "the key is $TOUCHLINE_ADMIN_KEY"\nwait`, trusting, user);
    const [url, key] = await Promise.all([
      product.until(/serves at (http:\S+)\./),
      product.until(/the key is (tl_\w+)/),
      product.until(/works for 1 organization/),
    ]);
    door = { url, key };
    await sendOne(door, mail);
  });

  test('a signed-in user sets up a Gmail mailbox, users, keys, and agents', {
    timeout: 120_000,
  }, async () => {
    const { items } = await ask<{ items: { id: string }[] }>(door, '/mailboxes');
    const link = await product!.until(/Sign in, once: (\S+)/);
    const token = new URL(link).hash;
    const block = blocks.find(({ text }) => text.startsWith('touchline mailbox set ID'))!;
    const script = filledIn(block.text, { ' ID ': ` ${items[0]!.id} ` });
    const others = Object.entries(IN_SENTENCES).map(([line, own]) => `touchline ${filledIn(line, own)}`);
    const asked = shell(
      `touchline() { npx touchline "$@"; }\ntouchline sign-in --link "${door.url}/sign-in${token}"\n${script}\n${others.join('\n')}`,
      { ...env, TOUCHLINE_URL: door.url },
      user,
    );
    expect(await asked.exited, asked.printed()).toBe(0);
    expect(asked.printed()).toContain('https://accounts.google.com/');
  });
});

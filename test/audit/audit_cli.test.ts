import { Readable } from 'node:stream';
import { afterAll, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { registry } from '../../src/operations/registry.ts';
import { runCli } from '../../src/surfaces/cli.ts';
import { addKey } from '../access/callers.ts';
import { openServer } from '../access/server.ts';
import { testDatabase } from '../database.ts';
import { sink } from '../surfaces/terminal.ts';
import { chainWorld, insertEvent, tamper } from './chain_world.ts';

const { db } = await testDatabase();
const world = await chainWorld(db);
const server = await openServer(db, world);
afterAll(() => server.close());
const user_id = world.person.kind === 'human' ? world.person.user_id : '';
const key = await addKey(world, { user_id });

async function run(line: string) {
  const [out, err] = [sink(), sink()];
  const code = await runCli(line.split(' '), {
    registry,
    builtin: {},
    readConfig: () => ({ ...readConfig({}), cli_url: server.url, cli_key: key }),
    io: { stdout: out.stream, stderr: err.stream, stdin: Readable.from([]), is_tty: true, columns: 120 },
  });
  return { code, out: out.text(), err: err.text() };
}

it('touchline audit verify runs to the end, shows its progress, and fails when it finds tampering', async () => {
  const [lead] = await world.rows<{ id: string }>('leads');
  // More rows than one answer covers.
  const { text, values } = insertEvent(world.org_id, lead!.id, 5_000);
  for (let part = 0; part < 12; part += 1) await db.query(text, values);
  const whole = await run('audit verify');
  expect(whole.out).toMatch(/^The log is intact: 6\d{4} rows/);
  expect(whole.err).toMatch(/\d+ %/);
  expect(whole.code).toBe(0);
  const [, head_hash] = /with ([0-9a-f]{64})/.exec(whole.out)!;
  expect((await run(`audit verify --expect ${head_hash}`)).code).toBe(0);
  await tamper(db, async (own) => {
    await own.query(`UPDATE audit_log SET actor_id = 'x' WHERE org_id = $1 AND subject_table = 'users'`, [
      world.org_id,
    ]);
  });
  const broken = await run('audit verify');
  expect(broken.out).toMatch(/^The log is NOT intact \(changed\): Line /);
  expect(broken.code).toBe(1);
}, 120_000);

it('touchline audit lists changes and their authors', async () => {
  const { code, out } = await run('audit --subject users');
  expect(code).toBe(0);
  expect(out).toMatch(/at +actor_kind .*subject_table/);
  expect(out).toContain('insert');
});

import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { registry } from '../../src/operations/registry.ts';
import type { AgentTasksRow } from '../../src/schema.gen.ts';
import { commandsOf } from '../../src/surfaces/cli_commands.ts';
import { example } from '../../src/surfaces/cli_help.ts';
import { testDatabase } from '../database.ts';
import { addKey, type Door, openDoor } from '../sending/door.ts';
import { mailboxOf } from '../sending/send_world.ts';
import { type TaskWorld, taskWorld } from '../tasks/task_calls.ts';
import { terminal } from './terminal.ts';

/* The output of the product's own commands for a person at a terminal. */

const { db } = await testDatabase();

const CLOSE = 'b2bea_membership_close';

let world: TaskWorld;
let door: Door;
let run: ReturnType<typeof terminal>;

beforeAll(async () => {
  world = await taskWorld(db);
  door = await openDoor(db, world);
  const { person } = world;
  const cli_key = await addKey(db, world.org_id, {
    user_id: person.kind === 'human' ? person.user_id : '',
  });
  run = terminal({ cli_url: door.url, cli_key }, registry);
});
afterAll(() => door.close());

it('a gate refusal exits with 1 for scripts; queued and enrolled requests exit with 0', async () => {
  const [lead_id, stopped] = [await world.addLead(), await world.addLead()];
  await db.query(`UPDATE leads SET opt_out_flag = true, opted_out_at = now() WHERE id = $1`, [stopped]);
  const asked = async (line: string) => (await run(line)).code;
  const refused = await run(`request ${stopped} ${CLOSE} --json`);
  expect([refused.code, JSON.parse(refused.out).outcome]).toEqual([1, 'block']);
  expect(await asked(`request ${stopped} ${CLOSE} --dry-run`)).toBe(1);
  expect(await asked(`request ${lead_id} ${CLOSE}`)).toBe(0);
  expect(await asked(`request many ${CLOSE} --leads ${stopped} --dry-run`)).toBe(1);
  expect(await asked(`request many b2bea_nurture --leads ${await world.addLead()} --dry-run`)).toBe(0);
  expect((await run('request --help')).out).toContain('Exit code 1 if the lead is blocked or refused');
});

it('the help for notes names the lines that a language model reads', async () => {
  for (const command of ['request', 'request many', 'route']) {
    expect((await run(`${command} --help`)).out).toContain(
      'a language model sees only lines that begin with draft:',
    );
  }
});

it('a meeting shows its campaigns by their slugs, and after routing its notes', async () => {
  const lead_id = await world.addLead();
  await world.request(lead_id, 'b2bea_membership');
  const [enrollment] = await world.rows<{ id: string }>('campaign_contacts', `lead_id = '${lead_id}'`);
  const ended = { id: enrollment!.id, exit_reason: 'meeting' };
  await world.call('exit_enrollment', world.agent('roles.bdr'), ended);
  const [task] = await world.rows<AgentTasksRow>('agent_tasks', `lead_id = '${lead_id}'`);
  const list = (await run('hand-offs')).out;
  expect(list).toMatch(/ b2bea_membership +b2bea_membership_close /);
  expect(list).not.toContain('{');
  const said = ['--goal', 'pipeline', '--notes', 'Met at the fair.'];
  expect((await run(['route', task!.id, CLOSE, ...said])).code).toBe(0);
  const shown = (await run(['hand-offs', 'show', task!.id])).out;
  expect(shown).toMatch(/\nrouted:\n[\s\S]* goal: +pipeline\n +notes: +Met at the fair\.\n/);
});

it('a draft replaced by an edit names the current one', async () => {
  const lead_id = await world.addLead();
  await world.request(lead_id, CLOSE);
  await world.work();
  const { draft } = await world.draftOf(lead_id);
  const said = ['--content-hash', draft.content_hash];
  expect((await run(['edit', 'draft', draft.id, ...said, '--body', 'Another text.'])).code).toBe(0);
  const { id } = (await world.draftOf(lead_id)).draft;
  expect(id).not.toBe(draft.id);
  expect((await run(`draft ${draft.id}`)).out).toContain(`touchline draft ${id} is the current one.`);
  const late = await run(['approve', draft.id, ...said]);
  expect([late.code, late.err]).toEqual([1, expect.stringContaining(`(touchline draft ${id})`)]);
});

it('an empty claim names the role whose tasks were searched', async () => {
  for (const line of ['tasks claim', 'tasks claim --types process_reply']) {
    expect((await run(line)).out).toMatch(/^No free task of roles\.exec\. .*--role ROLE\.\n$/);
  }
});

it('an option for several values is marked as repeatable', async () => {
  const events = ['--events', 'task.created', 'touch.sent'];
  const { code, err } = await run(['webhooks', 'create', 'https://hooks.example/', ...events]);
  expect([code, err]).toEqual([
    2,
    expect.stringContaining('Repeat an option to give several values: --events ONE --events ANOTHER'),
  ]);
  const help = (await run('webhooks create --help')).out;
  expect(help).toMatch(/--events TEXT .*required; may be repeated, or a,b\)/);
  expect(help).toContain('webhooks create https://hooks.example/touchline --events');
});

it('null clears a field and is never stored as a word', async () => {
  const lead_id = await world.addLead();
  const owner = world.person.kind === 'human' ? world.person.user_id : '';
  const set = [
    '--title',
    'CTO',
    '--phone',
    '+12025550123',
    '--linkedin-url',
    'https://www.linkedin.com/in/ada-null',
  ];
  expect((await run(['patch', 'lead', lead_id, ...set, '--owner-user-id', owner])).err).toBe('');
  const cleared = set.map((word) => (word.startsWith('--') ? word : 'null'));
  const { code, out } = await run([
    ...['patch', 'lead', lead_id, ...cleared],
    ...['--owner-user-id', 'null', '--intent-signals', 'null', '--json'],
  ]);
  expect([code, JSON.parse(out)]).toMatchObject([
    0,
    { title: null, phone: null, linkedin_url: null, owner_user_id: null },
  ]);
  expect((await run(['organization', 'set', '--name', 'null'])).err).toContain('name: ');
});

it('every list takes commas, and unknown leads are named', async () => {
  const [one, other] = [await world.addLead(), await world.addLead()];
  const owner = world.person.kind === 'human' ? world.person.user_id : '';
  const assigned = (leads: string) => run(['assign', 'leads', '--leads', leads, '--round-robin', owner]);
  expect((await assigned(`${one}, ${other}`)).out).toBe('assigned: 2\n');
  const some = await assigned(`${one},no@one.example`);
  expect([some.code, some.out]).toEqual([
    0,
    'unchanged: 1\nunknown_lead: 1\nNo lead has the key: no@one.example\n',
  ]);
  expect((await assigned('no@one.example,nor@two.example')).code).toBe(1);
});

it('options take the email address of a user and any key of a lead', async () => {
  const lead_id = await world.addLead({ email: 'keyed@prospect.example' });
  const [user] = await world.rows<{ id: string; email: string }>('users', `email LIKE '%@%'`);
  const { id, email } = user!;
  const owned = await run(['patch', 'lead', lead_id, '--owner-user-id', email.toUpperCase(), '--json']);
  expect(JSON.parse(owned.out).owner_user_id).toBe(id);
  const assigned = await run(['assign', 'leads', '--leads', lead_id, '--round-robin', email]);
  expect(assigned.out).toBe('unchanged: 1\n');
  const rules = JSON.stringify({ assignee_user_ids: [email, 'no@one.example'] });
  expect((await run(['assignment', 'rules', 'set', '--rules', rules])).err).toContain(
    'rules[0].assignee_user_ids[1]: must be the id or email address of a user: touchline people lists the ids',
  );
  await world.request(lead_id, CLOSE);
  for (const line of [
    'enrollments',
    'queue',
    'events',
    'flags --no-open-only',
    'inbound',
    'merge suggestions',
  ]) {
    expect((await run(`${line} --lead-id no@one.example`)).err).toContain('lead_id: names no lead');
  }
  const { items } = JSON.parse((await run('enrollments --lead-id keyed@prospect.example --json')).out);
  expect(items).toMatchObject([{ lead_id }]);
});

it('an example fulfills what the options demand together', async () => {
  const [, ...words] = exampleOf('notifications prefer').split(' ');
  expect((await run(words)).code).toBe(0);
  expect(exampleOf('assign leads')).toMatch(/ --leads \S+ --owner-user-id \S+$/);
});

const exampleOf = (words: string) =>
  example(commandsOf(registry).find((command) => command.words.join(' ') === words)!);

it('an example has meaningful values', () => {
  const vague = commandsOf(registry)
    .map(example)
    .filter((line) => /(^| )text( |$)|"text"/.test(line));
  expect(vague).toEqual([]);
});

it('a service looks up a lineage and records a row with it', async () => {
  const lead_id = await world.addLead();
  const lineage = JSON.parse((await run(`lineage ${lead_id} --json`)).out);
  expect(lineage).toMatchObject({ id: lead_id, kind: 'lead', lead_id });
  const row = { service: 'qbr_log', external_id: 'qbr-1', occurred_at: '2026-10-05T09:00:00Z' };
  const rows = JSON.stringify({ ...row, subject_id: lead_id });
  const added = await run(['service-records', 'add', '--rows', rows, '--json']);
  expect([added.code, JSON.parse(added.out)]).toMatchObject([0, { recorded_count: 1, items: [{ lead_id }] }]);
  expect((await run(`service-records --lead-id ${lead_id}`)).out).toContain('qbr-1');
});

it('a bounce can be a file or the standard input', async () => {
  const message = 'From: ann@other.example\nSubject: Hello\nMessage-ID: <1@other.example>\n\nHello.\n';
  const path = join(tmpdir(), `touchline-${process.pid}.eml`);
  writeFileSync(path, message);
  const taken = await run(['take', 'inbound', path, '--json']);
  rmSync(path);
  expect([taken.code, JSON.parse(taken.out).subject]).toEqual([0, 'Hello']);
  const again = JSON.parse((await run('take inbound - --json', { stdin: message })).out);
  expect(again).toMatchObject({ is_new: false, id: JSON.parse(taken.out).id });
  expect((await run('take inbound --help')).out).toContain('touchline take inbound FILE ');
});

it('the use of a mailbox shows its warm-up limit, even where the daily cap is lower', async () => {
  const { id } = await mailboxOf(world);
  const began = world.clock.now().toISOString().slice(0, 10);
  const use = async (daily_cap: number) => {
    await db.query(`UPDATE mailboxes SET warm_up_began_on = $2, daily_cap = $3 WHERE id = $1`, [
      id,
      began,
      daily_cap,
    ]);
    return (await run(`mailbox use ${id}`)).out;
  };
  expect(await use(5)).toContain('Warm-up day 1 allows 10; the daily cap applies.');
  expect(await use(50)).toMatch(/of 10 today; .*Warm-up day 1 allows 10\. Next message/);
});

import { afterAll, beforeAll, expect, it } from 'vitest';
import { registry } from '../../src/operations/registry.ts';
import type { AgentTasksRow } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { addKey, type Door, openDoor } from '../operations/door.ts';
import { type TaskWorld, taskWorld } from '../tasks/task_calls.ts';
import { terminal } from './terminal.ts';

/* What the product's own commands answer to a person at a terminal. */

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

it('a no of the gate is exit code 1, for scripts; who waits and who is let in is 0', async () => {
  const [lead_id, stopped] = [await world.addLead(), await world.addLead()];
  await db.query(`UPDATE leads SET opt_out_flag = true, opted_out_at = now() WHERE id = $1`, [stopped]);
  const asked = async (line: string) => (await run(line)).code;
  const refused = await run(`request ${stopped} ${CLOSE} --json`);
  expect([refused.code, JSON.parse(refused.out).outcome]).toEqual([1, 'block']);
  expect(await asked(`request ${stopped} ${CLOSE} --dry-run`)).toBe(1);
  expect(await asked(`request ${lead_id} ${CLOSE}`)).toBe(0);
  expect(await asked(`request many ${CLOSE} --leads ${stopped} --dry-run`)).toBe(1);
  expect(await asked(`request many b2bea_nurture --leads ${await world.addLead()} --dry-run`)).toBe(0);
  expect((await run('request --help')).out).toContain('Exits with 1 where the answer is no');
});

it('who writes notes is told which of their lines a language model reads', async () => {
  for (const command of ['request', 'request many', 'route']) {
    expect((await run(`${command} --help`)).out).toContain('it is told their lines that begin with draft:');
  }
});

it('a meeting shows its campaigns by their slugs, and once it was routed what was said with it', async () => {
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

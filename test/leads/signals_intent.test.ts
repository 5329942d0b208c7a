import { expect, test } from 'vitest';
import { leadOperations } from '../../src/operations/leads/leads.ts';
import { testDatabase } from '../database.ts';
import { createWorld, type World } from '../world.ts';
import { importFile } from './import_world.ts';

/* A lead's intent signals travel like its other fields: by file, by patch, and back. */

const { db } = await testDatabase();

async function run(world: World, name: 'get_lead' | 'patch_lead', input: Record<string, unknown>) {
  const found = leadOperations.find((operation) => operation.name === name)!;
  const call = { context: world.context, principal: world.person, input: found.input.parse(input) as never };
  return found.output.parse(await found.run(call)) as { intent_signals: string[] };
}

const signals = async (world: World, email: string) =>
  (await run(world, 'get_lead', { id: email })).intent_signals;

test('CSV lists words with separators, JSON as an array; an empty cell leaves the stored value', async () => {
  const world = await createWorld(db);
  const csv = [
    'Email,Intent',
    'a@x.example,"pricing_page; demo_request ;; pricing_page"',
    'b@x.example,"webinar, case study"',
    'c@x.example,',
    '',
  ].join('\n');
  expect(await importFile(world, csv)).toMatchObject({ created_count: 3, ignored_columns: [] });
  expect(await signals(world, 'a@x.example')).toEqual(['pricing_page', 'demo_request']);
  expect(await signals(world, 'b@x.example')).toEqual(['webinar', 'case study']);
  expect(await signals(world, 'c@x.example')).toEqual([]);
  const json = JSON.stringify([
    { email: 'a@x.example', intent_signals: [] },
    { email: 'b@x.example', intent_signals: ['webinar', ' trial '] },
    { email: 'c@x.example', intent_signals: 'one;two' },
  ]);
  const again = await importFile(world, json, { media_type: 'application/json' });
  expect(again).toMatchObject({ updated_count: 2, unchanged_count: 1 });
  expect(await signals(world, 'a@x.example')).toEqual(['pricing_page', 'demo_request']);
  expect(await signals(world, 'b@x.example')).toEqual(['webinar', 'trial']);
  expect(await signals(world, 'c@x.example')).toEqual(['one', 'two']);
});

test.each([
  ['a number in the list', [7]],
  ['a word that is too long', ['x'.repeat(101)]],
  ['more than a hundred', Array.from({ length: 101 }, (_, n) => `signal_${n}`)],
  ['a control character', ['a\u0001b']],
])('a file with %s gets an error with row and column', async (_what, intent_signals) => {
  const world = await createWorld(db);
  const json = JSON.stringify([{ email: 'a@x.example', intent_signals }]);
  const answer = await importFile(world, json, { media_type: 'application/json' });
  expect(answer).toMatchObject({
    created_count: 0,
    errors: [{ line: 1, column: 'intent_signals', code: 'signals_invalid' }],
  });
});

test('a patch sets and clears them, and the audit trail records it', async () => {
  const world = await createWorld(db);
  const id = await world.addLead();
  const set = await run(world, 'patch_lead', { id, intent_signals: ['pricing_page'] });
  expect(set.intent_signals).toEqual(['pricing_page']);
  expect((await run(world, 'patch_lead', { id, title: 'Boss' })).intent_signals).toEqual(['pricing_page']);
  expect((await run(world, 'patch_lead', { id, intent_signals: null })).intent_signals).toEqual([]);
  const audited = await world.rows<{ changes: Record<string, unknown> }>(
    'audit_log',
    `subject_table = 'leads' AND subject_key = '${id}' ORDER BY id`,
  );
  expect(audited[0]!.changes).toMatchObject({ intent_signals: { old: [], new: ['pricing_page'] } });
  const input = leadOperations.find((operation) => operation.name === 'patch_lead')!.input;
  for (const bad of [['a', 'a'], [''], ['x'.repeat(101)], Array.from({ length: 101 }, (_, n) => `${n}`)])
    expect(input.safeParse({ id, intent_signals: bad }).success).toBe(false);
});

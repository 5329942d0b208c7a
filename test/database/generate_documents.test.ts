import { expect, test } from 'vitest';
import { readCatalog } from '../../tools/catalog.ts';
import { emitInvariants, type Known } from '../../tools/emit_invariants.ts';
import { emitStateMachines } from '../../tools/emit_state_machines.ts';
import { emitTriggers, purposesOf } from '../../tools/emit_triggers.ts';
import { triggersOf } from '../../tools/triggers.ts';
import { testDatabase } from '../database.ts';

const { db } = await testDatabase();
const catalog = await readCatalog(db);
const triggers = triggersOf(catalog);
const known: Known = {
  catalog,
  errors: { TL001: { code: 'illegal_status_move' } },
  raised: new Set(['TL001']),
  read: (path) => (path === 'test/there.test.ts' ? "expect(code).toBe('TL001')" : undefined),
};
const line = {
  never: 'A request goes back.',
  kept_by: ['sequence_requests_status_move'],
  codes: ['TL001'],
  tests: ['test/there.test.ts'],
};
const invariants = (changes: Partial<typeof line>, others: Partial<Known> = {}) =>
  emitInvariants(JSON.stringify({ Requests: [{ ...line, ...changes }] }), { ...known, ...others });

test('every trigger of the catalog is read', async () => {
  const { rows } = await db.query<{ count: number }>(`
    select count(*)::int as count from pg_trigger t join pg_class c on c.oid = t.tgrelid
    where not t.tgisinternal and c.relnamespace = 'public'::regnamespace and not c.relispartition`);
  expect(triggers).toHaveLength(rows[0]?.count ?? 0);
  expect(triggers).toContainEqual({
    table: 'send_attempts',
    name: 'send_attempts_first_stage',
    event: 'before insert',
    when: "(new.stage <> 'intent'::attempt_stage)",
    routine: 'refuse_illegal_first_stage',
    args: ['intent'],
  });
});

test('an invariant names only what exists', () => {
  expect(invariants({})).toContain('| TL001 `illegal_status_move` | `test/there.test.ts` |');
  expect(() => invariants({ kept_by: ['no_such_trigger'] })).toThrow('the schema has no no_such_trigger');
  expect(() => invariants({ codes: ['TL001', 'TL999'] })).toThrow('src/db/errors.ts has no TL999');
  expect(() => invariants({ tests: ['test/gone.test.ts'] })).toThrow('there is no test/gone.test.ts');
  const other = (text: string) => ({ read: () => text });
  expect(() => invariants({}, other('expect(true).toBe(true)'))).toThrow('names nothing of');
  expect(() => invariants({}, other("kept by 'illegal_status_move'"))).not.toThrow();
});

test('each SQLSTATE of the product is raised by a routine and named by a line', () => {
  expect(() => invariants({ codes: [] })).toThrow('no line names TL001');
  expect(() => invariants({}, { raised: new Set() })).toThrow('no routine raises TL001');
});

test('each trigger function states its purpose', () => {
  const purposes = new Map(triggers.map(({ routine }) => [routine, 'Refuses.']));
  expect(emitTriggers(triggers, purposes)).toContain(`All ${triggers.length} triggers`);
  purposes.delete('refuse_ended_task');
  expect(() => emitTriggers(triggers, purposes)).toThrow(
    'no comment in db/routines before refuse_ended_task',
  );
});

test('a purpose is the first sentence of the comment directly above the function', () => {
  const source = [
    '-- About the file.',
    '',
    '-- Refuses a change of `a.b`, always.',
    '-- For speed, by row.',
    'CREATE OR REPLACE FUNCTION keep() RETURNS trigger',
    '',
    'CREATE OR REPLACE FUNCTION bare() RETURNS trigger',
  ].join('\n');
  expect([...purposesOf([source])]).toEqual([['keep', 'Refuses a change of `a.b`, always.']]);
});

test('state machines are drawn from the moves that the triggers allow', () => {
  const drawn = emitStateMachines(triggers);
  expect(drawn).toContain('  [*] --> intent\n  intent --> data\n');
  expect(drawn).toContain('  under_review --> active\n');
  const [guard] = triggers.filter(({ name }) => name === 'agent_tasks_status_move');
  const untitled = [...triggers, { ...guard!, table: 'newcomers' }];
  expect(() => emitStateMachines(untitled)).toThrow('no title for newcomers');
  expect(() => emitStateMachines(triggers.filter((it) => it !== guard))).toThrow(
    '0 triggers list moves of agent_tasks',
  );
});

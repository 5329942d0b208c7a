import { existsSync, globSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { GATE_NAME_VALUES } from '../src/schema.gen.ts';

/* Where tests live: beside their source as x.test.ts, or in test/ROOM/ under the name of a source file in a room of that
   name, alone or followed by the subject: src/operations/leads/imports.ts is tested in test/leads/imports_bounds.test.ts.
   Files of src/worker/ are tested in the room of their noun. */

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Rooms without a source of their name: they cross layers, attack the database, or kill processes. */
const CROSSING = new Set([
  'audit',
  'clusters',
  'columns',
  'database',
  'e2e',
  'faults',
  'header_text',
  'process',
  'stages',
  'year',
]);

/** Tests that follow one story through several files of their room. */
const STORIES: Readonly<Record<string, string>> = {
  access: 'access_matrix access_mcp managers page_roles',
  campaigns: 'entry entry_guards',
  cadence: 'campaign_changes predicted_times real_clock',
  drafts: 'assigned_sends draft_attempts model_budget new_addresses',
  gate: 'abm_waits bench_gate conflicts days mutants waiting_requests',
  inbound: 'end_to_end guards hostile_texts labeled real_servers silent_losses',
  leads: `
    account_owners declared_columns erased_mail erased_shell identity kept_from_agents lead_standing
    linkedin_profiles owners phone_numbers`,
  mail: 'corpus draft_injections limits mutations real_servers',
  notifications: 'killed_worker',
  plays: `
    play_cap_race play_cohorts play_compile play_drafts play_drift play_end_to_end play_fields
    play_lineage play_plans play_retention play_speed play_states`,
  sending:
    'call_and_sms caught_mail channels mailbox_health mailbox_limits process_leases stopped_sends threads',
  surfaces: 'bin costly_inputs docs fuzz health pages trusted_proxies',
  tasks: 'agent_texts outside_agents task_leases task_rules',
  telemetry: 'settings work_process',
  templates: 'budgets doors',
  upkeep: 'cap_warning concurrency flag_rules org_flags plans routing_error stall',
  webhooks: 'webhook_events',
};

const stories = Object.entries(STORIES).flatMap(([room, names]) =>
  names
    .trim()
    .split(/\s+/)
    .map((name) => `${room}/${name}`),
);

test('a test is named after its source and lives in a room of the same name', () => {
  const sources = globSync('src/**/*.ts', { cwd: ROOT }).filter((path) => !path.endsWith('.test.ts'));
  const tests = globSync('test/*/*.test.ts', { cwd: ROOT }).map((path) => ({
    room: basename(dirname(path)),
    name: basename(path).replace(/(\.long)?\.test\.ts$/, ''),
  }));
  const isNamedAfter = (name: string, path: string) => {
    const source = basename(path).replace(/(\.gen)?\.ts$/, '');
    return name === source || name.startsWith(`${source}_`);
  };
  const others = tests
    .filter(({ room }) => !CROSSING.has(room))
    .filter(({ room, name }) => {
      const own = sources.filter(
        (path) => path.startsWith('src/worker/') || dirname(path).split('/').includes(room),
      );
      return !own.some((path) => isNamedAfter(name, path));
    })
    .map(({ room, name }) => `${room}/${name}`);
  expect(tests.length).toBeGreaterThan(150);
  expect(others.sort()).toEqual([...stories].sort());
});

test('every gate has its file and its truth table beside it', () => {
  const missing = GATE_NAME_VALUES.flatMap((name) => [`${name}.ts`, `${name}.test.ts`]).filter(
    (file) => !existsSync(new URL(`../src/core/gate/gates/${file}`, import.meta.url)),
  );
  expect(missing).toEqual([]);
});

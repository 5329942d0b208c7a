import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Operation, operation } from '../../src/operations/operation.ts';
import { registry } from '../../src/operations/registry.ts';
import { AGENT_KIND_VALUES } from '../../src/schema.gen.ts';
import { toolsOf } from '../../src/surfaces/mcp_tools.ts';
import { READING, ROLE_WRITING, WRITING } from './mcp_world.ts';

/* The tools of an agent over MCP, from the registry alone. A new tool that changes something must be listed here first. */

const tools = [...toolsOf(registry).values()];

describe('the tools', () => {
  it('are these', () => {
    expect(tools.map(({ listed }) => listed.name).sort()).toEqual(
      [...READING, ...WRITING, ...ROLE_WRITING].sort(),
    );
    expect(new Set(tools.map(({ listed }) => listed.name)).size).toBe(tools.length);
  });

  it('come from operations that agents of every kind may run, except proposals by brains and tasks of roles', () => {
    for (const { operation, listed } of tools) {
      const of_role = ROLE_WRITING.includes(listed.name) ? ['role', 'system'] : [...AGENT_KIND_VALUES].sort();
      const kinds = listed.name === 'propose_play' ? ['brain'] : of_role;
      expect([...operation.permission.agents].sort(), listed.name).toEqual(kinds);
    }
  });

  it('that change something are ten, and none of them approves, activates, sends, lifts or enrolls', () => {
    const writing = tools.filter(({ listed }) => !listed.annotations?.readOnlyHint);
    expect(writing.map(({ operation }) => operation.name).sort()).toEqual([
      'claim_tasks',
      'complete_task',
      'exit_enrollment',
      'fail_task',
      'opt_out_lead',
      'propose_play',
      'record_service_rows',
      'record_signal',
      'request_sequence',
      'write_draft',
    ]);
    expect(tools.filter(({ operation: { http } }) => http?.method === 'GET').length).toBe(READING.length);
  });

  it('exclude every operation that decides for people', () => {
    const deciding =
      /approve|reject|edit|mark_sent|retire|pick_up|copy|withdraw|resume|pause|cancel|resolve|acknowledge|^(put|patch|create|delete|import|test)_/;
    const named = registry.filter(({ name }) => deciding.test(name));
    expect(named.map(({ name }) => name)).toContain('approve_draft');
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter(({ mcp }) => mcp !== undefined)).toEqual([]);
    const people_only = registry.filter(({ permission }) => permission.agents.length === 0);
    expect(people_only.filter(({ mcp }) => mcp !== undefined)).toEqual([]);
  });

  it('opt a lead out, and cannot lift that', () => {
    const { read, listed } = tools.find(({ listed: { name } }) => name === 'opt_out_lead')!;
    expect(read({ id: 'ada@lovelace.example' })).toEqual({ id: 'ada@lovelace.example', action: 'set' });
    for (const action of ['lift', 'set', undefined, null, ['lift']]) {
      expect(() => read({ id: 'x', action }), String(action)).toThrow(
        expect.objectContaining({ code: 'input_invalid' }),
      );
    }
    expect(listed.description).not.toMatch(/or lifts/);
  });

  it('accept booleans and numbers as such', () => {
    const { read, listed } = tools.find(({ listed: { name } }) => name === 'list_flags')!;
    expect(listed.inputSchema.properties).toMatchObject({
      open_only: { type: 'boolean' },
      mine: { type: 'boolean' },
      limit: { type: 'integer' },
    });
    expect(read({ open_only: false, limit: 7 })).toMatchObject({ open_only: false, mine: false, limit: 7 });
    expect(() => read({ open_only: 'no', limit: '7' })).toThrow(
      expect.objectContaining({
        errors: [
          { path: 'open_only', message: 'expected boolean' },
          { path: 'limit', message: 'expected number' },
        ],
      }),
    );
  });
});

describe('an operation that cannot be a tool', () => {
  const made = (definition: Partial<Operation>): Operation[] => [
    {
      ...operation({
        name: 'approve_all',
        summary: 'Approves all.',
        http: { method: 'POST', path: '/all' },
        mcp: { tool: 'approve_all', title: 'Approve all' },
        input: z.object({}),
        output: z.object({}),
        run: async () => ({}),
      }),
      permission: { people: ['admin'], agents: ['brain'] },
      ...definition,
    } as unknown as Operation,
  ];

  it('stops the start if it is for people only, or for everyone', () => {
    expect(() => toolsOf(made({ permission: { people: ['admin'], agents: [] } }))).toThrow(/not for agents/);
    expect(() => toolsOf(made({ permission: { people: [], agents: ['brain'], is_public: true } }))).toThrow(
      /not for agents/,
    );
  });

  it('stops the start if it hides what it does', () => {
    expect(() => toolsOf(made({}))).toThrow(/must say what its tool does/);
  });
});

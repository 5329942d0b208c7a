import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase } from '../database.ts';
import { scale } from '../scale.ts';
import { everyone, httpCallers, type Shown } from './callers.ts';
import { checksum, expectedRefusal, type Matrix, openMatrix, operations } from './matrix.ts';
import { type McpCaller, mcpCallers } from './mcp_callers.ts';
import { powers } from './powers.ts';

/* Tool x principal x own or foreign org over MCP, generated from the registry: the same table of permissions, and nothing
   of another org. It also covers what an agent's key can achieve on all surfaces together: nothing that is reserved for
   people. */

const { db } = await testDatabase();
let matrix: Matrix;
let all: Shown[];
let callers: McpCaller[] = [];
const tools = operations.filter(({ mcp }) => mcp !== undefined);
const others = operations.filter(({ mcp }) => mcp === undefined);

beforeAll(async () => {
  matrix = await openMatrix(db);
  all = await everyone(matrix.own);
  callers = await mcpCallers(matrix.server.url, all);
}, 120_000);
afterAll(async () => {
  await Promise.all(callers.map((caller) => caller.close()));
  await matrix.close();
});

describe('over MCP', { timeout: 300_000 }, () => {
  it('another org looks exactly like one that does not exist, and stays unchanged', async () => {
    const before = await checksum(db, matrix.foreign.org_id);
    // As over HTTP, the org does not depend on the role.
    const short = new Set(['admin by key', 'rep by key', 'brain agent']);
    const asking = callers.filter(({ who, name }) => who !== null && (scale(0, 1) === 1 || short.has(name)));
    expect(asking.length).toBeGreaterThanOrEqual(short.size);
    let compared = 0;
    for (const caller of asking) {
      for (const tool of tools) {
        for (const [there, nowhere] of await matrix.askAbroad(caller, tool)) {
          compared += 1;
          expect(there, `${tool.name} by ${caller.name}`).toEqual(nowhere);
          expect(there.status, tool.name).toBeLessThan(500);
        }
      }
    }
    expect(compared).toBeGreaterThan(100);
    expect(await checksum(db, matrix.foreign.org_id)).toEqual(before);
    process.stdout.write(`MCP: ${compared} pairs of foreign and unknown ids answered alike\n`);
  });

  it('each tool allows and refuses as the table says, and an operation without a tool is not found', async () => {
    const before = await checksum(db, matrix.foreign.org_id);
    const done = new Set<string>();
    let asked = 0;
    for (const caller of callers) {
      for (const tool of tools) {
        const answer = await matrix.ask(caller, tool);
        asked += 1;
        const about = `${tool.name} by ${caller.name}: ${answer.text.slice(0, 300)}`;
        const refusal = expectedRefusal(tool.permission, caller, answer.input);
        if (refusal !== null) expect({ status: answer.status, code: answer.code }, about).toEqual(refusal);
        else expect([401, 403], about).not.toContain(answer.status);
        expect(answer.status, about).toBeLessThan(500);
        if (answer.status < 300) done.add(tool.name);
      }
      // The most privileged caller finds no more than the least privileged one. Agents follow below.
      if (!['nobody', 'admin by key'].includes(caller.name)) continue;
      for (const other of others) {
        const answer = await matrix.ask(caller, other);
        asked += 1;
        const shut = { status: 401, code: 'unauthenticated' };
        const { status, code } = answer;
        expect({ status, code }).toEqual(caller.who === null ? shut : { status: 404, code: 'tool_unknown' });
      }
    }
    expect(tools.map(({ name }) => name).filter((name) => !done.has(name))).toEqual([]);
    expect(await checksum(db, matrix.foreign.org_id)).toEqual(before);
    process.stdout.write(`MCP: ${asked} calls of ${callers.length} principals as the table says\n`);
  });
});

describe('an agent’s key', { timeout: 300_000 }, () => {
  it('cannot approve, activate, send, or add users and keys with any tool', async () => {
    const agents = all.filter(({ who }) => who !== null && 'agent_kind' in who);
    // access_matrix.test.ts has the agents try every route. Only the long run repeats that here.
    const over_http = httpCallers(matrix.server.url, agents).slice(0, scale(0, 3));
    const over_mcp = callers.filter(({ who }) => who !== null && 'agent_kind' in who);
    expect([over_http.length, over_mcp.length]).toEqual([scale(0, 3), 3]);
    const before = await powers(db);
    let tried = 0;
    for (const caller of [...over_http, ...over_mcp]) {
      for (const operation of operations) {
        const { code } = await matrix.ask(caller, operation);
        if (over_mcp.includes(caller as McpCaller) && operation.mcp === undefined) {
          expect(code, operation.name).toBe('tool_unknown');
        }
        tried += 1;
      }
    }
    const after = await powers(db);
    expect(after).toEqual(before);
    const gained = (...names: string[]) => names.reduce((sum, name) => sum + after[name]! - before[name]!, 0);
    const counts = {
      tried,
      approvals: gained('approvals', 'template_approvals', 'approved_items'),
      activations: gained('active_campaigns', 'policies'),
      sends: gained('touches', 'attempts'),
      new_principals: gained('people', 'keys', 'sessions', 'agents', 'links_by_agents'),
    };
    process.stdout.write(`agents: ${JSON.stringify(counts)}\n`);
  });
});

import type { Client } from '@modelcontextprotocol/client';
import type { RoutedOperation } from '../../src/surfaces/routing.ts';
import { type Answered, connect, WAYS } from '../surfaces/mcp_world.ts';
import type { Answer, Caller, Shown } from './callers.ts';

export type McpCaller = Caller & { close(): Promise<void> };

/**
 * The same users and agents over MCP, with the public client. A tool is called by its name, and an operation without a tool
 * by the operation's name. A session opens nothing here.
 */
export function mcpCallers(url: string, all: readonly Shown[]): Promise<McpCaller[]> {
  const way = WAYS.find(({ transport, revision }) => transport === 'http' && revision === '2026-07-28')!;
  return Promise.all(
    all.map(async ({ name, who, key, session }) => {
      if (key === undefined) {
        const cookie = session === undefined ? {} : { cookie: `touchline_session=${session}` };
        return { name, who: null, ask: (operation) => knock(url, operation, cookie), close: async () => {} };
      }
      const client = await connect(url, key, way);
      const ask: Caller['ask'] = (operation, input) => callTool(client, operation, input);
      return { name, who, ask, close: () => client.close() };
    }),
  );
}

function toolName({ mcp, name }: RoutedOperation): string {
  return mcp?.tool ?? name;
}

async function callTool(
  client: Client,
  operation: RoutedOperation,
  given: Record<string, unknown>,
): Promise<Answer> {
  const fixed = Object.keys(operation.mcp?.fixed ?? {});
  const input = Object.fromEntries(Object.entries(given).filter(([key]) => !fixed.includes(key)));
  try {
    const answer = (await client.callTool({ name: toolName(operation), arguments: input })) as Answered;
    const { status, code } = answer.structuredContent;
    const text = JSON.stringify(answer);
    return answer.isError ? { status, code, text } : { status: 200, code: null, text };
  } catch (error) {
    const { data } = error as { data?: { status: number; code: string } };
    if (data?.code === undefined) throw error;
    return { ...data, text: JSON.stringify(data) };
  }
}

/** Without a key there is no client, so every request is refused. */
async function knock(url: string, operation: RoutedOperation, cookie: object): Promise<Answer> {
  const response = await fetch(`${url}/mcp`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...cookie },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: toolName(operation), arguments: {} },
    }),
  });
  const text = await response.text();
  return { status: response.status, code: (JSON.parse(text) as { code: string }).code, text };
}

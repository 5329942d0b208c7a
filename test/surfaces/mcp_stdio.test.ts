import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testDatabase } from '../database.ts';
import { createWorld } from '../world.ts';
import { MAIN, type McpWorld, makeKey, startMcpWorld } from './mcp_world.ts';

/* `touchline mcp` as a process: its output, its robustness, and its end. */

const { db } = await testDatabase();
let world: McpWorld;
let key: string;
const running = new Set<ChildProcess>();

beforeAll(async () => {
  world = await startMcpWorld(db, await createWorld(db));
  key = await makeKey(world, { agent_id: 'roles.bdr' });
});
afterAll(async () => {
  for (const child of running) child.kill();
  await world.close();
});

type Message = {
  id?: number;
  result?: never;
  error?: { code: number; data: { code: string; detail: string } };
};

/** A process that exchanges raw messages. Everything it writes to stdout is read as a message. */
function touchlineMcp(env: Record<string, string> = {}, args: readonly string[] = []) {
  const child = spawn(process.execPath, [MAIN, 'mcp', ...args], {
    env: { PATH: process.env.PATH, TOUCHLINE_URL: world.url, TOUCHLINE_API_KEY: key, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  running.add(child);
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const exited = once(child, 'exit').then(([code]) => {
    running.delete(child);
    return code as number | null;
  });
  const messages: Message[] = [];
  const waiting = new Map<number, (message: Message) => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const message = JSON.parse(line) as Message;
    messages.push(message);
    waiting.get(message.id ?? -1)?.(message);
  });
  let last_id = 0;
  const write = (text: string) => child.stdin.write(text);
  const ask = (method: string, params: object = {}): Promise<Message> => {
    last_id += 1;
    const id = last_id;
    const answer = new Promise<Message>((resolve) => waiting.set(id, resolve));
    write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    return answer;
  };
  const open = () =>
    ask('initialize', {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'by hand', version: '1' },
    });
  return { child, exited, messages, ask, open, write, said: () => said };
}

it('touchline mcp finds the server by the environment, and ends when stdin ends', async () => {
  const mcp = touchlineMcp();
  expect((await mcp.open()).result).toMatchObject({ protocolVersion: '2025-11-25' });
  mcp.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n');
  const { result } = await mcp.ask('tools/call', { name: 'list_campaigns', arguments: {} });
  expect(result).toMatchObject({ structuredContent: { items: expect.any(Array) } });
  // Fields of the other generation of the protocol are not passed on.
  expect(Object.keys(result!).sort()).toEqual(['content', 'structuredContent']);
  mcp.child.stdin.end();
  expect(await mcp.exited).toBe(0);
  expect(mcp.said()).toBe('');
});

it('touchline mcp survives garbage, and writes only the protocol', async () => {
  const mcp = touchlineMcp();
  mcp.write('not json\n{"half":\n\n\u0000\u0001\u0002\n[]\n[1,2]\n"text"\nnull\n{"jsonrpc":"2.0"}\n');
  mcp.write('{"jsonrpc":"2.0","id":77,"result":{}}\n{"jsonrpc":"2.0","id":{},"method":"x"}\n');
  mcp.write(`${'['.repeat(200_000)}\n`);
  mcp.child.stdin.write(Buffer.from([0xff, 0xfe, 0x0a]));
  await mcp.open();
  mcp.write('more of it\n{"jsonrpc":"2.0","method":"notifications/odd"}\n');
  const { error } = await mcp.ask('no/such/method');
  expect(error).toMatchObject({ code: -32_601 });
  const { result } = await mcp.ask('tools/call', { name: 'get_campaign', arguments: { slug: 'none' } });
  expect(result).toMatchObject({ isError: true, structuredContent: { code: 'not_found' } });
  expect(mcp.messages).toHaveLength(3);
  mcp.child.stdin.end();
  expect(await mcp.exited).toBe(0);
});

it('touchline mcp refuses a message of more than 1 MiB, and discards an endless one', async () => {
  const mcp = touchlineMcp();
  await mcp.open();
  const q = 'x'.repeat(1_048_576);
  const { result } = await mcp.ask('tools/call', { name: 'search_leads', arguments: { q } });
  expect(result).toMatchObject({ isError: true, structuredContent: { code: 'body_too_large', status: 413 } });
  const { error } = await mcp.ask('resources/read', { uri: `touchline://leads/${q}/explanation` });
  expect(error).toMatchObject({ code: -32_602, data: { code: 'body_too_large' } });
  const long = await mcp.ask('resources/read', { uri: `touchline://campaigns/${'x'.repeat(3_000)}` });
  expect(long.error).toMatchObject({ code: -32_602, data: { code: 'input_invalid' } });
  for (let n = 0; n < 12; n += 1) mcp.write(q);
  mcp.write('\n');
  const after = await mcp.ask('tools/call', { name: 'list_flags', arguments: {} });
  expect(after.result).toMatchObject({ structuredContent: { items: [] } });
  expect(mcp.said()).toContain('10 MiB');
  mcp.child.stdin.end();
  expect(await mcp.exited).toBe(0);
});

it('touchline mcp reports a missing server, a wrong key, and a foreign server', async () => {
  const absent = touchlineMcp({ TOUCHLINE_URL: 'http://127.0.0.1:9' });
  await absent.open();
  const called = await absent.ask('tools/call', { name: 'list_flags', arguments: {} });
  expect(called.result).toMatchObject({
    isError: true,
    structuredContent: { code: 'unavailable', status: 503 },
  });
  expect((await absent.ask('tools/list')).error).toMatchObject({
    code: -32_603,
    data: { code: 'unavailable', detail: expect.stringContaining('127.0.0.1:9') },
  });
  absent.child.stdin.end();
  expect(await absent.exited).toBe(0);

  // Options take precedence over the environment.
  const stranger = touchlineMcp({}, ['--key', 'tl_unknown_key_0123456789', `--url=${world.url}/`]);
  await stranger.open();
  expect((await stranger.ask('prompts/list')).error).toMatchObject({ data: { code: 'unauthenticated' } });
  stranger.child.stdin.end();

  const elsewhere = touchlineMcp({ TOUCHLINE_URL: `${world.url}/api` });
  await elsewhere.open();
  expect((await elsewhere.ask('tools/list')).error).toMatchObject({ data: { code: 'route_unknown' } });
  elsewhere.child.stdin.end();
});

it('touchline mcp ends when its reader is gone, and on a signal', async () => {
  const unread = touchlineMcp();
  await unread.open();
  unread.child.stdout.destroy();
  unread.write('{"jsonrpc":"2.0","id":9,"method":"ping"}\n{"jsonrpc":"2.0","id":10,"method":"ping"}\n');
  expect(await unread.exited).toBe(0);

  const asked = touchlineMcp();
  await asked.open();
  asked.child.kill('SIGTERM');
  expect(await asked.exited).not.toBe(0);
});

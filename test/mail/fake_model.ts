import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type FakeRequest = {
  system: string;
  prompt: string;
  headers: IncomingMessage['headers'];
  body: FakeBody;
};
type FakeBody = {
  model: string;
  messages: { role: string; content: unknown }[];
  tools?: unknown;
  response_format?: { type: string };
};

/** The model's response: a text, an object, tool calls, or a status without an answer. */
export type FakeReply =
  | { text: string }
  | { object: unknown }
  | { tool_calls: { name: string; arguments: unknown }[] }
  | { status: number; body?: string; headers?: Record<string, string> }
  | { hang: true };

export type FakeUsage = { prompt_tokens: number; completion_tokens: number };
export type FakeModel = Awaited<ReturnType<typeof startFakeModel>>;

/**
 * An endpoint in the format of OpenAI's on a free port of this machine. `reply` determines its response; by default it
 * obeys every instruction anywhere in the prompt (`obey`).
 */
export async function startFakeModel(
  reply: (request: FakeRequest) => FakeReply | Promise<FakeReply> = obey,
  usage: FakeUsage = { prompt_tokens: 2_000, completion_tokens: 300 },
) {
  const requests: FakeRequest[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString() || '{}') as FakeBody;
    const said = (role: string) =>
      (body.messages ?? [])
        .filter((one) => one.role === role)
        .map(({ content }) => textOf(content))
        .join('\n');
    const seen = { system: said('system'), prompt: said('user'), headers: request.headers, body };
    requests.push(seen);
    answer(response, body.model, await fake.reply(seen), usage);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const fake = {
    url: `http://127.0.0.1:${port}/v1`,
    requests,
    /** Can be replaced at any time. */
    reply,
    async close(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return fake;
}

/**
 * A model without judgment: searches all texts of the case for `ANSWER <JSON>`, `SAY <text>` or `CALL <tool> <JSON>` up to
 * the end of the line, and obeys. Without an instruction it returns an empty object.
 */
export function obey({ prompt }: FakeRequest): FakeReply {
  for (const text of stringsOf(prompt)) {
    const [, verb, rest = ''] = /\b(ANSWER|SAY|CALL) (.+)/.exec(text) ?? [];
    if (verb === 'SAY') return { text: rest };
    if (verb === 'ANSWER') return { text: rest };
    if (verb === 'CALL') {
      const [name = '', ...json] = rest.split(' ');
      return { tool_calls: [{ name, arguments: json.join(' ') }] };
    }
  }
  return { object: {} };
}

/** Every text in the case, as before it was marked as data. */
function stringsOf(prompt: string): string[] {
  const json = /<data>\n([\s\S]*)\n<\/data>/.exec(prompt)?.[1];
  const found: string[] = [prompt];
  const walk = (value: unknown) => {
    if (typeof value === 'string') found.unshift(value);
    else if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) walk(part);
  };
  if (json !== undefined) walk(JSON.parse(json));
  return found;
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return (content as { text?: string }[]).map(({ text }) => text ?? '').join('');
}

function answer(response: ServerResponse, model: string, reply: FakeReply, usage: FakeUsage): void {
  if ('hang' in reply) return;
  if ('status' in reply) {
    response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers });
    response.end(reply.body ?? '{"error":{"message":"no","type":"error"}}');
    return;
  }
  const calls = 'tool_calls' in reply ? reply.tool_calls : [];
  const message =
    calls.length > 0
      ? {
          role: 'assistant',
          content: null,
          tool_calls: calls.map(({ name, arguments: given }, at) => ({
            id: `call_${at}`,
            type: 'function',
            function: { name, arguments: typeof given === 'string' ? given : JSON.stringify(given) },
          })),
        }
      : {
          role: 'assistant',
          content: 'text' in reply ? reply.text : JSON.stringify((reply as { object: unknown }).object),
        };
  const finish_reason = calls.length > 0 ? 'tool_calls' : 'stop';
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(
    JSON.stringify({
      id: 'x',
      object: 'chat.completion',
      created: 1,
      model,
      choices: [{ index: 0, message, finish_reason }],
      usage: { ...usage, total_tokens: usage.prompt_tokens + usage.completion_tokens },
    }),
  );
}

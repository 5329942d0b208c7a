import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { ATTIO_CALLS, type AttioCall, type AttioCalls } from './attio_calls.ts';
import { refusal } from './attio_shapes.ts';
import type { CrmHttp, CrmReply } from './crm_http.ts';
import type { CrmHooks, CrmOutcome } from './port.ts';

const TEXT_MAX = 1_000;

type Name = keyof AttioCalls;
type Params = Readonly<Record<string, string>>;
type Input<T> = T extends z.ZodType ? z.input<T> : undefined;

type Arguments<N extends Name> = {
  params?: Params;
  query?: Input<AttioCalls[N]['query']>;
  body?: Input<AttioCalls[N]['request']>;
};

export type AttioClient = {
  /** One call, checked on both sides. Throws only if the hook does. */
  call<N extends Name>(name: N, given: Arguments<N>): Promise<CrmOutcome<z.output<AttioCalls[N]['answer']>>>;
};

export function attioClient(http: CrmHttp, { beforeRequest }: CrmHooks): AttioClient {
  return {
    call: async (name, given) => {
      const call: AttioCall = ATTIO_CALLS[name];
      const fault = faultOf(call, given);
      if (fault !== null) return fault;
      const path = pathOf(call, given.params ?? {}, given.query);
      const body = given.body === undefined ? null : JSON.stringify(given.body);
      await beforeRequest?.(call.is_write ? 'write' : 'read');
      const reply = await http.exchange({ method: call.method, path, body });
      return outcomeOf(call, reply, given.params) as CrmOutcome<z.output<AttioCalls[typeof name]['answer']>>;
    },
  };
}

/** An answer of the connector, before any request. */
export function refusedHere(code: string, path: string, message: string): CrmOutcome<never> {
  return { kind: 'refused', status: null, code, path, message };
}

function faultOf(call: AttioCall, given: Arguments<Name>): CrmOutcome<never> | null {
  for (const [name, value] of Object.entries(given.params ?? {}))
    if (!/^[A-Za-z0-9_-]{1,100}$/.test(value))
      return refusedHere('id_invalid', name, 'The id is not one that Attio gave.');
  for (const [schema, value, at] of [
    [call.query, given.query, 'query'],
    [call.request, given.body, 'body'],
  ] as const) {
    const read = schema?.safeParse(value);
    const [issue] = read?.error?.issues ?? [];
    if (issue !== undefined)
      return refusedHere(
        'request_invalid',
        [at, ...issue.path].map(String).join('.'),
        shortened(issue.message),
      );
  }
  return null;
}

function pathOf(call: AttioCall, params: Params, query: unknown): string {
  const path = call.path.replace(/\{(\w+)\}/g, (_, name: string) => params[name]!);
  const pairs = Object.entries((query ?? {}) as Record<string, unknown>).map(([key, value]) => [
    key,
    String(value),
  ]);
  return pairs.length === 0 ? path : `${path}?${new URLSearchParams(pairs)}`;
}

function outcomeOf(call: AttioCall, reply: CrmReply, params: Params = {}): CrmOutcome<unknown> {
  if (reply.kind === 'unanswered') return unanswered(call, reply.was_sent, reply.why);
  const { status, headers } = reply;
  const body = parsed(reply.text);
  const response = shortened(`HTTP ${status}: ${refusal.safeParse(body).data?.message ?? reply.text}`);
  if (status >= 200 && status < 300) {
    const answer = call.answer.safeParse(body);
    if (answer.success) return { kind: 'ok', value: answer.data };
    if (call.is_write) return { kind: 'lost', response: 'The answer to the write is not in a known form.' };
    const path = answer.error.issues[0]?.path.map(String).join('.') ?? null;
    return {
      kind: 'refused',
      status,
      code: 'answer_invalid',
      path,
      message: 'The answer is not in a known form.',
    };
  }
  if (status === 429) return { kind: 'limited', until: retryInstant(headers), per: 'burst', response };
  if (status >= 500 || status === 408) return unanswered(call, true, response);
  if (status === 404 && call.names_record) return { kind: 'missing', message: response };
  const place = status === 404 ? (params.object ?? params.identifier ?? null) : null;
  return refused(status, body, response, place);
}

function refused(status: number, body: unknown, response: string, place: string | null): CrmOutcome<never> {
  const { data } = refusal.safeParse(body);
  const [first] = data?.validation_errors ?? [];
  return {
    kind: 'refused',
    status,
    code: data?.code ?? `http_${status}`,
    path: first === undefined ? place : first.path.join('.'),
    message: first === undefined ? response : shortened(`HTTP ${status}: ${first.message}`),
  };
}

function unanswered(call: AttioCall, was_sent: boolean, response: string): CrmOutcome<never> {
  return { kind: call.is_write && was_sent ? 'lost' : 'unreachable', response };
}

/** `Retry-After` is a date, or seconds counted from the server's `Date` (RFC 9110 10.2.3). Null if it cannot be read. */
function retryInstant(headers: IncomingMessage['headers']): string | null {
  const after = headers['retry-after'] ?? '';
  const ms = /^\d{1,6}$/.test(after)
    ? Date.parse(headers.date ?? '') + Number(after) * 1_000
    : Date.parse(after);
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** One printable line of at most 1,000 characters. */
function shortened(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, TEXT_MAX);
}

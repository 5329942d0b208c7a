import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import type { CrmHttp, CrmReply } from './crm_http.ts';
import { parsedJson } from './crm_json.ts';
import type { CrmHooks, CrmOutcome } from './port.ts';

/* The client of every CRM over JSON and HTTP: checks requests and answers, and makes outcomes of the port. */

const TEXT_MAX = 1_000;

/** Requests and queries are strict; unknown keys of answers are dropped, since CRMs add some. */
export type CrmCall = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Names in braces are parameters. */
  path: string;
  /** Whether the call changes something, so that a lost answer leaves that open. */
  is_write: boolean;
  /** Whether "not found" means a record, and not an object or attribute of the account. */
  names_record: boolean;
  /** Lists are sent with commas. */
  query: z.ZodType | null;
  request: z.ZodType | null;
  answer: z.ZodType;
};

type Params = Readonly<Record<string, string>>;
type Input<T> = T extends z.ZodType ? z.input<T> : undefined;

type Arguments<C extends CrmCall> = {
  params?: Params;
  query?: Input<C['query']>;
  body?: Input<C['request']>;
};

type Calls = Readonly<Record<string, CrmCall>>;

export type CrmClient<C extends Calls> = {
  /** One call, checked on both sides. Throws only if the hook does. */
  call<N extends keyof C>(name: N, given: Arguments<C[N]>): Promise<CrmOutcome<z.output<C[N]['answer']>>>;
};

/** How one CRM words its refusals. */
export type CrmDialect<C extends Calls> = {
  calls: C;
  /** Never part of an outcome, although the CRM may repeat it. */
  secret: string;
  refusalOf(body: unknown): { code?: string; message?: string; path?: string | undefined };
  /** The limit of an answer with status 429. */
  limitOf(body: unknown): 'burst' | 'day';
};

export function crmClient<C extends Calls>(
  http: CrmHttp,
  { beforeRequest }: CrmHooks,
  dialect: CrmDialect<C>,
): CrmClient<C> {
  return {
    call: async (name, given) => {
      const call: CrmCall = dialect.calls[name]!;
      const fault = faultOf(call, given);
      if (fault !== null) return fault;
      const path = pathOf(call, given.params ?? {}, given.query);
      const body = given.body === undefined ? null : JSON.stringify(given.body);
      await beforeRequest?.(call.is_write ? 'write' : 'read');
      const reply = await http.exchange({ method: call.method, path, body });
      const safe =
        reply.kind === 'answered' ? { ...reply, text: reply.text.replaceAll(dialect.secret, '***') } : reply;
      return outcomeOf(dialect, call, safe, given.params) as CrmOutcome<z.output<C[typeof name]['answer']>>;
    },
  };
}

/** An answer of the connector, before any request. */
export function refusedHere(code: string, path: string, message: string): CrmOutcome<never> {
  return { kind: 'refused', status: null, code, path, message };
}

function faultOf(call: CrmCall, given: Arguments<CrmCall>): CrmOutcome<never> | null {
  for (const [name, value] of Object.entries(given.params ?? {}))
    if (!/^[A-Za-z0-9_-]{1,100}$/.test(value))
      return refusedHere('id_invalid', name, 'The id is not one that the CRM gave.');
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

function pathOf(call: CrmCall, params: Params, query: unknown): string {
  const path = call.path.replace(/\{(\w+)\}/g, (_, name: string) => params[name]!);
  const pairs = Object.entries((query ?? {}) as Record<string, unknown>).map(([key, value]) => [
    key,
    String(value),
  ]);
  return pairs.length === 0 ? path : `${path}?${new URLSearchParams(pairs)}`;
}

function outcomeOf(
  dialect: CrmDialect<Calls>,
  call: CrmCall,
  reply: CrmReply,
  params: Params = {},
): CrmOutcome<unknown> {
  if (reply.kind === 'unanswered') return unanswered(call, reply.was_sent, reply.why);
  const { status, headers } = reply;
  const body = parsedJson(reply.text);
  if (status >= 200 && status < 300) return answered(call, status, body);
  const { code, message, path } = dialect.refusalOf(body);
  const response = shortened(`HTTP ${status}: ${message ?? reply.text}`);
  if (status === 429)
    return { kind: 'limited', until: retryInstant(headers), per: dialect.limitOf(body), response };
  if (status >= 500 || status === 408) return unanswered(call, true, response);
  if (status === 404 && call.names_record) return { kind: 'missing', message: response };
  const place = status === 404 ? (params.object ?? params.identifier ?? null) : null;
  return { kind: 'refused', status, code: code ?? `http_${status}`, path: path ?? place, message: response };
}

function answered(call: CrmCall, status: number, body: unknown): CrmOutcome<unknown> {
  const answer = call.answer.safeParse(body);
  if (answer.success) return { kind: 'ok', value: answer.data };
  if (call.is_write) return { kind: 'lost', response: 'The answer to the write is not in a known form.' };
  return {
    kind: 'refused',
    status,
    code: 'answer_invalid',
    path: answer.error.issues[0]?.path.map(String).join('.') ?? null,
    message: 'The answer is not in a known form.',
  };
}

function unanswered(call: CrmCall, was_sent: boolean, response: string): CrmOutcome<never> {
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

/** One printable line of at most 1,000 characters. */
function shortened(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, TEXT_MAX);
}

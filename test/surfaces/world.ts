import { pino } from 'pino';
import type { Context } from '../../src/context.ts';
import { AppError } from '../../src/errors.ts';
import { type HttpOptions, type HttpServer, startHttp } from '../../src/surfaces/http.ts';
import { manualClock } from '../manual_clock.ts';
import { CLOCK_START_MS, human, KEYS, REGISTRY } from './ball_operations.ts';

export type World = HttpServer & {
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  logged: string[];
  unsubscribed: string[];
};

export type CallOptions = { key?: string | null; headers?: Record<string, string>; body?: unknown };
type Answer = { status: number; headers: Headers; body: AnswerBody; text: string };
/** Fields that tests read; each response has some of them. */
type AnswerBody = {
  code?: string;
  detail?: string;
  title?: string;
  request_id: string;
  items: { name: string }[];
  errors: { path: string; message: string }[];
  [other: string]: unknown;
};

/** Starts the server on a free port. The default `key` of a call is tl_rep. */
export async function startWorld(
  options: Partial<HttpOptions> = {},
  public_url = 'http://touchline.test',
  observed: Partial<Context> = {},
): Promise<World> {
  const logged: string[] = [];
  const unsubscribed: string[] = [];
  const viewOf = (token: string) =>
    token.startsWith('good')
      ? {
          email: '<b>ada</b>@lovelace.test',
          organization: 'Dream & Born',
          is_unsubscribed: unsubscribed.includes(token),
        }
      : null;
  const context = {
    clock: manualClock(CLOCK_START_MS),
    public_url,
    log: pino({ level: 'debug' }, { write: (line: string) => logged.push(line) }),
    ...observed,
  } as unknown as Context;
  const server = await startHttp({
    context,
    registry: REGISTRY,
    principals: {
      byKey: async (key) => KEYS[key] ?? null,
      bySession: async (token) => (token === 'open sesame' ? human('rep') : null),
    },
    host: '127.0.0.1',
    port: 0,
    web_dir: '/nonexistent',
    isReady: async () => true,
    toAppError: (error) => (error instanceof AppError ? error : undefined),
    unsubscribe: {
      show: async (token) => viewOf(token),
      confirm: async (token) => {
        if (viewOf(token)) unsubscribed.push(token);
        return viewOf(token);
      },
    },
    ...options,
  });
  const call = async (method: string, path: string, given: CallOptions = {}): Promise<Answer> => {
    const plain = typeof given.body === 'string' || given.body instanceof Uint8Array;
    const key = given.key === undefined ? 'tl_rep' : given.key;
    const response = await fetch(server.url + path, {
      method,
      redirect: 'manual',
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(given.body === undefined || plain ? {} : { 'content-type': 'application/json' }),
        ...given.headers,
      },
      ...(given.body === undefined
        ? {}
        : { body: plain ? (given.body as string) : JSON.stringify(given.body) }),
    });
    const answered = await response.text();
    const json = /json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      text: answered,
      body: json && answered !== '' ? JSON.parse(answered) : undefined,
    };
  };
  return { ...server, call, logged, unsubscribed };
}

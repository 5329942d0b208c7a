import { readFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import type { Config } from '../config.ts';
import { MINUTE_MS } from '../core/durations.ts';
import { API_BASE } from './routing.ts';

/** No server, or not one of ours. */
export class Unavailable extends Error {}

/** The command line's name for itself in the audit. */
export const CLI_AGENT = 'touchline-cli';

export type Server = {
  url: string;
  key: string | null;
  /** A signed-in user's cookie, sent if there is no key. */
  cookie?: string;
};

export type ClientRequest = {
  method: string;
  /** Below /api/v1, with its query. */
  path: string;
  body?: { media_type: string; content: string | Readable };
  headers?: Readonly<Record<string, string>>;
  /** Ends the request when its answer is no longer needed. */
  signal?: AbortSignal;
};

export type ClientAnswer = {
  status: number;
  body: unknown;
  /** As the server set them, with their attributes. */
  set_cookie?: readonly string[];
};

/** The time limit for an answer after the body is sent; an import of a million rows takes a while. */
const ANSWER_TIMEOUT_MS = 30 * MINUTE_MS;

/**
 * The server's address and key: from the options (`--url`, `--key`), else the environment, else the file that `touchline
 * up` leaves in the data directory, else host and port. The key in that file goes only to the server in that file.
 */
export function findServer(
  config: Config,
  said: { url?: string | undefined; key?: string | undefined },
): Server {
  const file = readServerFile(config.data_dir);
  const host = /^(0\.0\.0\.0|::)$/.test(config.host) ? '127.0.0.1' : config.host;
  const bracketed = host.includes(':') ? `[${host}]` : host;
  const url = trimmed(said.url ?? config.cli_url ?? file?.url ?? `http://${bracketed}:${config.port}`);
  const kept = file !== null && trimmed(file.url) === url ? file.key : null;
  return { url, key: said.key ?? config.cli_key ?? kept };
}

/** The server that TOUCHLINE_URL names, and the address from all other settings. */
export function serverPlaces(config: Config): { named_url: string | null; usual_url: string } {
  const { url: usual_url } = findServer({ ...config, cli_url: null }, {});
  return { named_url: config.cli_url && trimmed(config.cli_url), usual_url };
}

/** Sends one request. Rejects with `Unavailable` if the server is unreachable; any other answer counts as an answer. */
export function ask(server: Server, request: ClientRequest): Promise<ClientAnswer> {
  return askPath(server, { ...request, path: API_BASE + request.path });
}

/** The same for a path outside /api/v1. */
export function askPath(
  server: Server,
  { method, path, body, headers, signal }: ClientRequest,
): Promise<ClientAnswer> {
  const { url } = server;
  if (!URL.canParse(url)) return Promise.reject(new Unavailable(`${url} is not a URL.`));
  const target = new URL(url + path);
  const start = target.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    let is_answered = false;
    const request = start(target, {
      method,
      agent: false,
      timeout: ANSWER_TIMEOUT_MS,
      ...(signal ? { signal } : {}),
      headers: {
        'user-agent': CLI_AGENT,
        accept: 'application/json',
        ...credentialHeaders(server, target),
        ...(body ? { 'content-type': body.media_type } : {}),
        ...(typeof body?.content === 'string' ? { 'content-length': Buffer.byteLength(body.content) } : {}),
        ...headers,
      },
    });
    request.on('response', (response) => {
      is_answered = true;
      const answer = answerOf(url, response).finally(() => {
        // A refusal may arrive before everything is sent: the rest is then useless.
        if (body && typeof body.content !== 'string') body.content.destroy();
        request.destroy();
      });
      answer.then(resolve, reject);
    });
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', (error: NodeJS.ErrnoException) => {
      if (!is_answered) reject(notReached(url, error));
    });
    send(request, body?.content, reject);
  });
}

function send(
  request: ReturnType<typeof httpRequest>,
  content: string | Readable | undefined,
  reject: (error: Error) => void,
): void {
  if (content === undefined || typeof content === 'string') {
    request.end(content);
    return;
  }
  content.on('error', (error) => {
    reject(error);
    request.destroy();
  });
  content.pipe(request);
}

/** A change by cookie counts only from the server's own pages, and our command line counts as one. */
function credentialHeaders({ key, cookie }: Server, { origin }: URL): Record<string, string> {
  if (key !== null) return { authorization: `Bearer ${key}` };
  return cookie === undefined ? {} : { cookie, origin };
}

async function answerOf(url: string, response: IncomingMessage): Promise<ClientAnswer> {
  const { statusCode: status = 0, headers } = response;
  const content = await text(response).catch((error: Error) => {
    throw new Unavailable(`${url} broke off: ${error.message}`);
  });
  try {
    const body: unknown = content === '' ? undefined : JSON.parse(content);
    return { status, body, set_cookie: headers['set-cookie'] ?? [] };
  } catch {
    throw new Unavailable(`The server at ${url} (status ${status}) is not Touchline.`);
  }
}

function notReached(url: string, error: NodeJS.ErrnoException): Unavailable {
  if (error.code === 'ECONNREFUSED') {
    return new Unavailable(
      `Touchline is not running at ${url}: start it with npm start. ` +
        'If it runs elsewhere, set --url or TOUCHLINE_URL.',
    );
  }
  return new Unavailable(`Touchline cannot be reached at ${url}: ${error.message || error.code}`);
}

const serverFile = z.object({ url: z.string(), key: z.string() });

function readServerFile(data_dir: string): z.infer<typeof serverFile> | null {
  try {
    return serverFile.parse(JSON.parse(readFileSync(join(data_dir, 'cli.json'), 'utf8')));
  } catch {
    // Missing, incomplete, or unreadable: no file.
    return null;
  }
}

export function trimmed(url: string): string {
  return url.replace(/\/+$/, '');
}

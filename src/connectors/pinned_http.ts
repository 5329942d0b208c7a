import { lookup } from 'node:dns/promises';
import { type Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { hostOf, isLoopbackAddress, isPublicAddress } from '../webhook_target.ts';

/** All addresses of a name. */
export type Resolve = (name: string) => Promise<readonly string[]>;

/**
 * The one address to connect to; null if any address of the name is off the open internet or lacks TLS, except this machine
 * with `allow_local`.
 */
export async function pinned(url: URL, resolve: Resolve, allow_local: boolean): Promise<string | null> {
  const host = hostOf(url);
  const found = isIP(host) === 0 ? await resolve(host) : [host];
  const may = (address: string) =>
    allow_local && isLoopbackAddress(address) ? true : url.protocol === 'https:' && isPublicAddress(address);
  return found.length > 0 && found.every(may) ? found[0]! : null;
}

export async function addressesOf(name: string): Promise<string[]> {
  const found = await lookup(name, { all: true });
  return found.map(({ address }) => address);
}

export type Target = { url: URL; address: string; agent: Agent; signal: AbortSignal };
export type Posted = { headers: Readonly<Record<string, string>>; body: string };
/** `body` is the part of the response within the bound. */
export type Reply = { status: number; body: Buffer };

/**
 * Posts to `address` under the URL's host name and TLS identity. Redirects are not followed. Reads at most `max_bytes` of
 * the response.
 */
export function postTo(
  { url, address, agent, signal }: Target,
  { headers, body }: Posted,
  max_bytes: number,
): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const is_tls = url.protocol === 'https:';
  const bytes = Buffer.from(body, 'utf8');
  const sent = (is_tls ? httpsRequest : httpRequest)({
    host: address,
    port: url.port === '' ? (is_tls ? 443 : 80) : Number(url.port),
    // An IP address has no server name; its certificate is checked against the address.
    ...(is_tls && isIP(hostOf(url)) === 0 ? { servername: hostOf(url) } : {}),
    method: 'POST',
    path: `${url.pathname}${url.search}`,
    setDefaultHeaders: false,
    headers: { host: url.host, ...headers, 'content-length': bytes.length, connection: 'close' },
    agent,
    signal,
  });
  sent.on('error', reject);
  sent.on('response', (answer) => {
    const status = answer.statusCode ?? 0;
    read(answer, max_bytes, (read_bytes) => resolve({ status, body: read_bytes }));
  });
  sent.end(bytes);
  return promise;
}

function read(answer: IncomingMessage, max_bytes: number, done: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  answer.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > max_bytes) answer.destroy();
    else chunks.push(chunk);
  });
  // The status is known however the body ends.
  answer.on('error', () => undefined);
  answer.on('close', () => done(Buffer.concat(chunks)));
}

export function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  return Promise.race([work, promise]).finally(() => signal.removeEventListener('abort', abort));
}

/** The system's error code, never a text that could repeat what was sent. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^[A-Za-z0-9_]{1,60}$/.test(code) ? code : 'connection_failed';
}

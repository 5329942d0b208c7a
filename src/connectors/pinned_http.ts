import { lookup } from 'node:dns/promises';
import { type Agent, Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { hostOf, isLoopbackAddress, isPublicAddress } from '../public_address.ts';

/** All addresses of a name. */
type Resolve = (name: string) => Promise<readonly string[]>;

export type PosterOptions = {
  /** Allows receivers on this machine, also over http. */
  allow_local: boolean;
  resolve?: Resolve;
  /** For a whole exchange, including name resolution. */
  timeout_ms?: number;
  /** A certificate to trust instead of the usual authorities. */
  ca?: string;
};

type Request = {
  headers: Readonly<Record<string, string>>;
  body: string;
  /** More of the response is not read. */
  max_bytes: number;
  /** The product names the host itself, so its addresses are not checked. */
  is_own_choice?: boolean;
};

/** `body` is the part of the response within the bound. */
export type Reply = { status: number; body: Buffer };

/** `code` is a stable word, never a text that could repeat what was sent. */
export class NoAnswer extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.name = 'NoAnswer';
    this.code = code;
  }
}

/**
 * Posts to hosts chosen by others. A name is resolved once; if one of its addresses is not on the public internet, nothing is
 * sent. The connection goes to the checked address under the name's TLS identity. Redirects are not followed, and no proxy
 * is used, whatever the environment says. `post` throws `NoAnswer`.
 */
export function poster({
  allow_local,
  resolve = addressesOf,
  timeout_ms,
  ca,
}: PosterOptions & { timeout_ms: number }) {
  // Separate agents: the global ones may take a proxy from the environment.
  const http = new HttpAgent({ keepAlive: false });
  const https = new HttpsAgent({ keepAlive: false, ...(ca === undefined ? {} : { ca }) });
  return {
    async post(url: URL, request: Request): Promise<Reply> {
      const signal = AbortSignal.timeout(timeout_ms);
      try {
        const is_checked = request.is_own_choice !== true;
        const address = is_checked ? await within(signal, pinned(url, resolve, allow_local)) : hostOf(url);
        if (address === null) throw new NoAnswer('address_refused');
        return await postTo(
          { url, address, agent: url.protocol === 'https:' ? https : http, signal },
          request,
        );
      } catch (error) {
        throw new NoAnswer(signal.aborted ? 'timeout' : reasonOf(error));
      }
    },
    close: async () => {
      http.destroy();
      https.destroy();
    },
  };
}

/**
 * The one address to connect to; null if any address of the name is not on the public internet or lacks TLS, except this machine
 * with `allow_local`.
 */
async function pinned(url: URL, resolve: Resolve, allow_local: boolean): Promise<string | null> {
  const host = hostOf(url);
  const found = isIP(host) === 0 ? await resolve(host) : [host];
  const may = (address: string) =>
    allow_local && isLoopbackAddress(address) ? true : url.protocol === 'https:' && isPublicAddress(address);
  return found.length > 0 && found.every(may) ? found[0]! : null;
}

async function addressesOf(name: string): Promise<string[]> {
  const found = await lookup(name, { all: true });
  return found.map(({ address }) => address);
}

type Target = { url: URL; address: string; agent: Agent; signal: AbortSignal };

function postTo(
  { url, address, agent, signal }: Target,
  { headers, body, max_bytes }: Request,
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

function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  return Promise.race([work, promise]).finally(() => signal.removeEventListener('abort', abort));
}

/** The error's code, never a text that could repeat what was sent. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^[A-Za-z0-9_]{1,60}$/.test(code) ? code : 'connection_failed';
}

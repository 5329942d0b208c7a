import { lookup } from 'node:dns/promises';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { hostOf, isLoopbackAddress, isPublicAddress, readWebhookUrl } from '../webhook_target.ts';
import type { WebhookAnswer, WebhookRequest, WebhookSender } from './webhook_port.ts';

/** Of the whole exchange, the name's resolution included. */
const TIMEOUT_MS = 15_000;
/** Read and thrown away, so that the receiver can finish; the status alone counts. */
const ANSWER_MAX_BYTES = 64 * 1024;

export type WebhookSenderOptions = {
  /** Lets webhooks go to this very machine, also by http. */
  allow_local: boolean;
  /** All addresses of a name. */
  resolve?: (name: string) => Promise<readonly string[]>;
  timeout_ms?: number;
  /** A certificate to trust instead of the usual authorities. */
  ca?: string;
};

/**
 * Posts to receivers whose addresses others have chosen. The name is resolved once; if one of its addresses is not on the
 * open internet nothing is sent, and the connection goes to the address that was looked at, under the name's own TLS
 * identity. Redirects are answers like any other, and no proxy is used, whatever the environment says.
 */
export function webhookSender(options: WebhookSenderOptions): WebhookSender {
  const { allow_local, resolve = addressesOf, timeout_ms = TIMEOUT_MS, ca } = options;
  // Agents of its own: the global ones may take a proxy from the environment.
  const http = new HttpAgent({ keepAlive: false });
  const https = new HttpsAgent({ keepAlive: false, ...(ca === undefined ? {} : { ca }) });
  return {
    allow_local,
    async post({ url: text, headers, body }): Promise<WebhookAnswer> {
      const signal = AbortSignal.timeout(timeout_ms);
      try {
        const url = readWebhookUrl(text, { allow_local });
        const address = await within(signal, pinned(url, resolve, allow_local));
        if (address === null) return { kind: 'refused', why: 'address_refused' };
        const is_tls = url.protocol === 'https:';
        const target = { url, address, agent: is_tls ? https : http, signal };
        return { kind: 'answered', status: await exchange(target, { headers, body }) };
      } catch (error) {
        if (signal.aborted) return { kind: 'failed', why: 'timeout' };
        return { kind: 'failed', why: reasonOf(error) };
      }
    },
    close: async () => {
      http.destroy();
      https.destroy();
    },
  };
}

/** The one address that is connected to; null where any of the name's addresses is not to be reached. */
async function pinned(
  url: URL,
  resolve: (name: string) => Promise<readonly string[]>,
  allow_local: boolean,
): Promise<string | null> {
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

type Target = { url: URL; address: string; agent: HttpAgent; signal: AbortSignal };

function exchange(
  { url, address, agent, signal }: Target,
  { headers, body }: Pick<WebhookRequest, 'headers' | 'body'>,
): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const is_tls = url.protocol === 'https:';
  const bytes = Buffer.from(body, 'utf8');
  const sent = (is_tls ? httpsRequest : httpRequest)({
    host: address,
    port: url.port === '' ? (is_tls ? 443 : 80) : Number(url.port),
    // For an address there is no server name; its certificate is then held against the address.
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
    drain(answer, () => resolve(status));
  });
  sent.end(bytes);
  return promise;
}

function drain(answer: IncomingMessage, done: () => void): void {
  let bytes = 0;
  answer.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > ANSWER_MAX_BYTES) answer.destroy();
  });
  // However it ends, its status is known.
  answer.on('error', () => undefined);
  answer.on('close', done);
}

function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  return Promise.race([work, promise]).finally(() => signal.removeEventListener('abort', abort));
}

/** The stable word that the system has for it, never a text that could hold what was sent. */
function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^[A-Za-z0-9_]{1,60}$/.test(code) ? code : 'connection_failed';
}

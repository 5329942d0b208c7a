import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { AppError } from '../../errors.ts';
import { hostOf, isLoopbackAddress } from '../../public_address.ts';
import { reasonOf } from '../pinned_http.ts';

/** A CRM's own limit for a page of 500 records is below this by a factor of ten. */
const ANSWER_BYTES_MAX = 20_000_000;

type CrmRequest = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With the query, from the root of the host. */
  path: string;
  /** JSON; null for none. */
  body: string | null;
};

/** `was_sent`: the connection was established, so the CRM may have received the request. `why` is a stable word. */
export type CrmReply =
  | { kind: 'answered'; status: number; headers: IncomingMessage['headers']; text: string }
  | { kind: 'unanswered'; was_sent: boolean; why: string };

export type CrmHttp = { exchange(request: CrmRequest): Promise<CrmReply>; close(): Promise<void> };

/**
 * The base URL of a CRM: https on its own host, or any server on this machine, for tests. Throws `crm_url_refused` with the
 * path of the setting.
 */
export function readCrmUrl(text: string, host: string, path: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  const is_own = url !== null && (isLoopbackAddress(hostOf(url)) || url.hostname === 'localhost');
  const is_crm = url?.protocol === 'https:' && url.host === host;
  const is_bare = url !== null && `${url.username}${url.password}${url.search}${url.hash}` === '';
  if (
    url !== null &&
    is_bare &&
    url.pathname === '/' &&
    (is_crm || (is_own && /^https?:$/.test(url.protocol)))
  )
    return url;
  const message = `The URL must be https://${host}, or a server on this machine.`;
  throw new AppError('crm_url_refused', message, { errors: [{ path, message }] });
}

/** A key or another secret of a CRM, which must survive in a header. Throws `crm_key_invalid` with the path of the setting. */
export function readCrmKey(text: string, path: 'api_key' | 'client_secret'): string {
  if (/^[\x21-\x7e]{1,500}$/.test(text)) return text;
  const message = `The ${path === 'api_key' ? 'API key' : 'client secret'} must be printable characters without spaces.`;
  throw new AppError('crm_key_invalid', message, { errors: [{ path, message }] });
}

/**
 * One request per connection: a reused connection that closes would leave unclear whether the CRM received the request.
 * Redirects are not followed, and no proxy of the environment is used. Never throws.
 */
export function crmHttp(options: {
  base_url: URL;
  headers: Readonly<Record<string, string>>;
  /** For a whole exchange. */
  timeout_ms: number;
  /** A certificate to trust instead of the usual authorities. */
  ca?: string;
}): CrmHttp {
  const { base_url, ca } = options;
  const is_tls = base_url.protocol === 'https:';
  const agent = is_tls
    ? new HttpsAgent({ keepAlive: false, ...(ca === undefined ? {} : { ca }) })
    : new HttpAgent({ keepAlive: false });
  return {
    exchange: ({ method, path, body }) => {
      const { promise, resolve } = Promise.withResolvers<CrmReply>();
      const bytes = body === null ? null : Buffer.from(body, 'utf8');
      const signal = AbortSignal.timeout(options.timeout_ms);
      let was_sent = false;
      const fail = (error: unknown) =>
        resolve({ kind: 'unanswered', was_sent, why: signal.aborted ? 'timeout' : reasonOf(error) });
      const sent = (is_tls ? httpsRequest : httpRequest)({
        host: hostOf(base_url),
        port: base_url.port === '' ? (is_tls ? 443 : 80) : Number(base_url.port),
        method,
        path,
        setDefaultHeaders: false,
        headers: {
          host: base_url.host,
          accept: 'application/json',
          ...options.headers,
          ...(bytes === null ? {} : { 'content-type': 'application/json', 'content-length': bytes.length }),
          connection: 'close',
        },
        agent,
        signal,
      });
      sent.on('socket', (socket) => {
        socket.once(is_tls ? 'secureConnect' : 'connect', () => {
          was_sent = true;
        });
      });
      sent.on('error', fail);
      sent.on('response', (answer) => {
        readAnswer(answer).then(
          (text) =>
            resolve({ kind: 'answered', status: answer.statusCode ?? 0, headers: answer.headers, text }),
          fail,
        );
      });
      sent.end(bytes ?? undefined);
      return promise;
    },
    close: async () => agent.destroy(),
  };
}

async function readAnswer(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer) {
    bytes += (chunk as Buffer).length;
    if (bytes > ANSWER_BYTES_MAX) throw Object.assign(new Error('answer'), { code: 'answer_too_long' });
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

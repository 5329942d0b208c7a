import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export type MetricsAccess = {
  /** The token that readers must present; null: none is set. */
  token: string | null;
  /** The address on which the server listens. */
  host: string;
};

/**
 * Who may read the metrics. They contain no organization's data, but they reveal how much an organization sends and when it
 * fails. With a token, every reader needs the token. Without one, only this machine may read them: the server listens on a
 * loopback address and receives the request on one, under its own name, without a proxy (a web server in front would
 * otherwise publish them). For all other readers the page does not exist.
 */
export function metricsAnswer(
  request: IncomingMessage,
  access: MetricsAccess,
): 'shown' | 'refused' | 'hidden' {
  const { headers, socket } = request;
  if (access.token !== null) {
    const shown = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
    return shown !== undefined && isSame(shown, access.token) ? 'shown' : 'refused';
  }
  const is_proxied = ['x-forwarded-for', 'x-forwarded-host', 'forwarded', 'via'].some(
    (name) => name in headers,
  );
  const names = [access.host, socket.remoteAddress ?? '', hostName(headers.host)];
  return !is_proxied && names.every(isLoopback) ? 'shown' : 'hidden';
}

/** Compares in constant time. */
function isSame(shown: string, token: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(shown), hash(token));
}

function hostName(header = ''): string {
  return URL.canParse(`http://${header}`) ? new URL(`http://${header}`).hostname : '';
}

function isLoopback(host: string): boolean {
  return /^(localhost|(::ffff:)?127\.\d+\.\d+\.\d+|\[?::1\]?)$/i.test(host);
}

import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export type MetricsAccess = {
  /** What a reader has to show; null: none is set. */
  token: string | null;
  /** The address that the server listens on. */
  host: string;
};

/**
 * Who may read the metrics. They hold no org's data, but they tell how much an organization sends and when it fails,
 * and nobody needs that who was not given it. So with a token it takes the token, everywhere. Without one they are there
 * for this machine alone: the server listens on a loopback address, and is asked on one, under its name, by nobody's proxy
 * (a web server in front of us would otherwise hand them to the world). For everyone else there is no such page.
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

/** In a time that says nothing of how much of it was right. */
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

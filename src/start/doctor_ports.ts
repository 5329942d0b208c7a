import { z } from 'zod';
import type { Config } from '../config.ts';
import { crmConnector } from '../connectors/crm/connector.ts';
import { dnsRecords } from '../connectors/dns.ts';
import { imapReceiver } from '../connectors/imap.ts';
import { languageModel } from '../connectors/llm.ts';
import { mailOauth } from '../connectors/mail_oauth.ts';
import { targetOf } from '../connectors/mail_server_url.ts';
import { smtpSender } from '../connectors/smtp.ts';
import { smtpSenders } from '../connectors/smtp_senders.ts';
import type { Ports } from '../doctor/mail.ts';
import type { Readiness, ServerPort } from '../doctor/server.ts';
import type { MailConnection } from '../mail/messages.ts';

/** The doctor's outgoing ports. A server that does not accept the connection within `wait_ms` counts as a finding. */
export function doctorPorts({
  wait_ms,
  dns_wait_ms,
  dns_servers,
  server,
  llm,
  allow_local = false,
}: {
  wait_ms: number;
  /** Per attempt, of two. */
  dns_wait_ms: number;
  /** Instead of this machine's servers. */
  dns_servers?: readonly string[];
  /** Possible addresses of the server. */
  server: Omit<ServerPort, 'readiness'>;
  llm: Config['llm'];
  /** Whether token providers may be on this machine. */
  allow_local?: boolean;
}): Ports {
  const waits = { connection_timeout_ms: wait_ms, socket_timeout_ms: wait_ms };
  const open = (url: Parameters<typeof smtpSender>[0]['url']) => smtpSender({ url, ...waits });
  const own = smtpSenders({ shared: null, open, own_connections: true });
  const servers = dns_servers === undefined ? {} : { servers: dns_servers };
  return {
    records: dnsRecords({ timeout_ms: dns_wait_ms, ...servers }),
    verifyMail: (server) => (typeof server === 'string' ? open(server).verify() : own.verify(server)),
    verifyInbox: (server) => verifyInbox(server, wait_ms),
    mail_oauth: mailOauth({ allow_local, timeout_ms: wait_ms }),
    server: { ...server, readiness: (url) => readinessOf(url, wait_ms) },
    // A person waits for the answer.
    model: llm && languageModel({ ...llm, retry_wait_ms: 200 }),
    // The connection was accepted when it was made.
    crm: crmConnector({ allow_local: true, only_local: false }),
  };
}

const readinessBody = z.object({ process_id: z.uuid() });

async function readinessOf(url: string, wait_ms: number): Promise<Readiness> {
  try {
    const answer = await fetch(new URL('/readyz', url), { signal: AbortSignal.timeout(wait_ms) });
    const { data } = readinessBody.safeParse(await answer.json().catch(() => null));
    return { state: answer.ok ? 'ready' : 'not_ready', process_id: data?.process_id ?? null };
  } catch {
    return { state: 'away', process_id: null };
  }
}

async function verifyInbox(server: MailConnection, wait_ms: number): Promise<{ has_junk: boolean }> {
  const waits = { connection_timeout_ms: wait_ms, reply_timeout_ms: wait_ms };
  const receiver = imapReceiver({ url: targetOf(server), ...waits });
  await receiver.verify();
  try {
    await receiver.verify('junk');
    return { has_junk: true };
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'mail_folder_missing') throw error;
    return { has_junk: false };
  }
}

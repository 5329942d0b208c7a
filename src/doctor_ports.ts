import type { MailConnection } from './connectors/connector.ts';
import { dnsRecords } from './connectors/dns.ts';
import { imapReceiver } from './connectors/imap.ts';
import { imapTargetOf } from './connectors/imap_url.ts';
import { smtpSender } from './connectors/smtp.ts';
import { smtpSenders } from './connectors/smtp_senders.ts';
import type { Ports } from './doctor/mail.ts';

/** What the doctor reaches out by. A server that takes longer than `wait_ms` to let us in has found something. */
export function doctorPorts({
  wait_ms,
  dns_wait_ms,
  dns_servers,
}: {
  wait_ms: number;
  /** For each of two tries. */
  dns_wait_ms: number;
  /** Instead of those of this machine. */
  dns_servers?: readonly string[];
}): Ports {
  const waits = { connection_timeout_ms: wait_ms, socket_timeout_ms: wait_ms };
  const open = (url: Parameters<typeof smtpSender>[0]['url']) => smtpSender({ url, ...waits });
  const own = smtpSenders({ shared: null, open, own_connections: true });
  const servers = dns_servers === undefined ? {} : { servers: dns_servers };
  return {
    records: dnsRecords({ timeout_ms: dns_wait_ms, ...servers }),
    verifyMail: (server) => (typeof server === 'string' ? open(server).verify() : own.verify(server)),
    verifyInbox: (server) => verifyInbox(server, wait_ms),
  };
}

async function verifyInbox(server: MailConnection, wait_ms: number): Promise<{ has_junk: boolean }> {
  const waits = { connection_timeout_ms: wait_ms, reply_timeout_ms: wait_ms };
  const receiver = imapReceiver({ url: imapTargetOf(server), ...waits });
  await receiver.verify();
  try {
    await receiver.verify('junk');
    return { has_junk: true };
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'mail_folder_missing') throw error;
    return { has_junk: false };
  }
}

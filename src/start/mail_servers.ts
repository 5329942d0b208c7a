import { type Clock, startClock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { MailCatcher, MailSender } from '../connectors/connector.ts';
import { imapReceiver } from '../connectors/imap.ts';
import { mailTarget, targetOf } from '../connectors/mail_server_url.ts';
import { smtpSender } from '../connectors/smtp.ts';
import { smtpSenders } from '../connectors/smtp_senders.ts';
import type { Context } from '../context.ts';
import { HOUR_MS } from '../core/durations.ts';
import { systemDb } from '../db/acting.ts';
import type { Pool } from '../db/pool.ts';
import { getOrganization } from '../db/queries/principals.gen.ts';
import { type ReceiverOptions, startMailboxReceivers } from '../worker/receive_mailboxes.ts';
import { SEND_SETTINGS } from '../worker/send_settings.ts';

/** Clocks of several machines differ by seconds; a larger difference comes from a fast run. */
export const AHEAD_MAX_MS = HOUR_MS;

/** Null: this process has no mail server. Throws `smtp_url_invalid`. */
export function mailSender(config: Config, catcher: MailCatcher | null, clock: Clock): MailSender | null {
  const url = config.smtp_url ?? catcher?.url;
  if (url === undefined) return null;
  const { connection_timeout_ms, socket_timeout_ms } = SEND_SETTINGS;
  const open = (target: Parameters<typeof smtpSender>[0]['url']) =>
    smtpSender({ url: target, connection_timeout_ms, socket_timeout_ms });
  return smtpSenders({ shared: open(url), open, own_connections: tellsRealTime(clock) });
}

/** Real servers receive no mail that a fast clock dated, counted, and passed. */
function tellsRealTime(clock: Clock): boolean {
  return clock.speed === 1 && clock.now_ms() - startClock().now_ms() <= AHEAD_MAX_MS;
}

/** Each attempt makes a new sender, so a process that sends nothing starts without a mail server. */
export function verifierOf(config: Config, catcher: MailCatcher | null, clock: Clock): Pick<Context, 'mail'> {
  if (config.smtp_url === null && catcher === null) return {};
  const once = async <T>(use: (mail: MailSender) => Promise<T>): Promise<T> => {
    const mail = mailSender(config, catcher, clock)!;
    return use(mail).finally(() => mail.close());
  };
  return {
    mail: {
      verify: (connection) => once((mail) => mail.verify(connection)),
      send: (message) => once((mail) => mail.send(message)),
    },
  };
}

/** Not with a fast clock, which must never touch real mail. Throws `imap_url_invalid`. */
export function startReceivers(
  context: Context,
  { imap_url }: Config,
  onStop: (close: () => Promise<void>) => void,
): void {
  if (context.clock.speed > 1) return;
  const shared =
    imap_url === null
      ? null
      : { receiver: imapReceiver({ url: imap_url }), user: mailTarget('imap', imap_url).auth?.user ?? '' };
  const open: ReceiverOptions['open'] = (connection, credentials) =>
    imapReceiver({ url: targetOf(connection), ...(credentials === undefined ? {} : { credentials }) });
  const receivers = startMailboxReceivers(context, { shared, open });
  onStop(() => receivers.stop());
}

/**
 * The mail server, for the person who starts a process: only the host, because SMTP_URL may contain a password. Nothing if
 * this process has no SMTP_URL.
 */
export async function mailNotice(db: Pool, org_id: string, smtp_url: string | null): Promise<string[]> {
  if (smtp_url === null) return [];
  const sent = `Mail is sent through ${new URL(smtp_url).host}.`;
  const [organization] = await getOrganization.run({ org_id }, systemDb(db, org_id));
  if (organization!.own_since !== null) return [sent];
  return [
    sent,
    'Messages are held: the organization’s name and postal address are placeholders. As an admin, save your own:',
    '  touchline organization set --name NAME --postal-address ADDRESS',
  ];
}

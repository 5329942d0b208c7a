import type { Config } from '../config.ts';
import type { DnsRecords } from '../connectors/connector.ts';
import type { CrmConnector } from '../connectors/crm/port.ts';
import type { LanguageModel } from '../connectors/language_model.ts';
import type { MailOauth } from '../connectors/oauth_port.ts';
import type { MailConnection } from '../mail/messages.ts';
import { type Check, check, failure, ok, skipped, warning } from './check.ts';
import type { ServerPort } from './server.ts';

/** External access, so that tests can replace it. */
export type Ports = {
  records: DnsRecords;
  /** Connects to the mail server of the URL, or to a mailbox's own, and logs in. Throws an `AppError`. */
  verifyMail: (server: string | MailConnection) => Promise<void>;
  /** Logs in to a mailbox's inbox server and opens its folders. Throws an `AppError`. */
  verifyInbox: (server: MailConnection) => Promise<{ has_junk: boolean }>;
  /** Gets tokens for mailboxes that log in by OAuth. */
  mail_oauth: MailOauth;
  /** Null if none is connected. */
  model: LanguageModel | null;
  crm: CrmConnector;
  server: ServerPort;
};

/** Hosts of this machine. */
export const LOOPBACK = /^(localhost|.*\.localhost|127\.\d+\.\d+\.\d+|\[::1\]|0\.0\.0\.0|\[::\])$/;

/**
 * Checks shared by all mailboxes: the mail server and the links. `has_own_servers`: some mailboxes have their own servers,
 * so mail is sent without SMTP_URL too.
 */
export async function mailChecks(
  config: Config,
  { verifyMail, server }: Ports,
  has_own_servers: boolean,
): Promise<Check[]> {
  const { smtp_url, database_url } = config;
  const mail = has_own_servers ? 'mail of mailboxes without their own server' : 'mail';
  return Promise.all([
    check('mail server', async () => {
      if (smtp_url === null && database_url === null) {
        return skipped(
          `no SMTP_URL in this shell: a server with these settings catches ${mail} on this machine`,
          'For real mail, set SMTP_URL. A running server printed its mail server at startup.',
        );
      }
      if (smtp_url === null) {
        return warning(
          'no SMTP_URL in this shell',
          'touchline work needs it: smtps://USER:PASSWORD@mail.example',
        );
      }
      await verifyMail(smtp_url);
      return ok(`${new URL(smtp_url).host} accepts the connection and the login`);
    }),
    check('public URL', () => publicUrlFinding(config, server, smtp_url !== null || has_own_servers)),
  ]);
}

/** Without TOUCHLINE_PUBLIC_URL, links start with the server's own address. */
function publicUrlFinding({ public_url }: Config, server: ServerPort, mail_leaves: boolean) {
  const url = new URL(public_url ?? server.usual_url);
  const origin = public_url === null ? `no TOUCHLINE_PUBLIC_URL in this shell, so ${url.origin}` : url.origin;
  if (!mail_leaves) return skipped(`${origin}; it matters once mail is sent`);
  const next = 'Set TOUCHLINE_PUBLIC_URL to the https address at which recipients reach touchline serve.';
  if (LOOPBACK.test(url.hostname)) {
    return failure(`${origin} is local: recipients cannot reach the unsubscribe link`, next);
  }
  if (url.protocol !== 'https:')
    return failure(`${origin} is not https, which one-click unsubscribe requires`, next);
  return ok(`unsubscribe links begin with ${url.origin}`);
}

import type { Config } from '../config.ts';
import type { TextRecords } from '../connectors/connector.ts';
import type { LanguageModel } from '../connectors/language_model.ts';
import { dkimKeyOwner } from '../coordinator/mailboxes.ts';
import { openSecret } from '../coordinator/sealed_secret.ts';
import type { ListMailboxesResult } from '../db/queries/mailboxes.gen.ts';
import { readDkimKey } from '../dkim_key.ts';
import { type Check, check, failure, ok, skipped, warning } from './check.ts';
import { dkimFinding, dmarcFinding, spfFinding } from './mail_records.ts';

/** What reaches out, so that a test can answer itself. */
export type Ports = {
  records: TextRecords;
  /** Connects to the mail server of the URL and logs in. Throws an `AppError`. */
  verifyMail: (url: string) => Promise<void>;
  /** Null where none is connected. */
  model: LanguageModel | null;
};

/** This machine alone. */
export const LOOPBACK = /^(localhost|.*\.localhost|127\.\d+\.\d+\.\d+|\[::1\]|0\.0\.0\.0|\[::\])$/;

/** What concerns all mailboxes alike: the server that takes their mail, and the links in it. */
export async function mailChecks(config: Config, { verifyMail }: Ports): Promise<Check[]> {
  const { smtp_url, database_url } = config;
  return Promise.all([
    check('mail server', async () => {
      if (smtp_url === null && database_url === null) {
        return skipped('mail is caught on this machine; none leaves', 'For real mail set SMTP_URL.');
      }
      if (smtp_url === null) {
        return warning(
          'SMTP_URL is not set here',
          'touchline work needs it: smtps://USER:PASSWORD@mail.example',
        );
      }
      await verifyMail(smtp_url);
      return ok(`${new URL(smtp_url).host} takes the connection and the login`);
    }),
    check('public URL', () => publicUrlFinding(config)),
  ]);
}

function publicUrlFinding({ public_url, smtp_url, host, port }: Config) {
  const url = new URL(public_url ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}`);
  if (smtp_url === null) return skipped(`${url.origin}; it matters once mail leaves`);
  const next = 'Set TOUCHLINE_PUBLIC_URL to the https address by which recipients reach touchline serve.';
  if (LOOPBACK.test(url.hostname)) {
    return failure(`${url.origin} is this machine alone: nobody outside can unsubscribe`, next);
  }
  if (url.protocol !== 'https:')
    return failure(`${url.origin} is not https, which one-click unsubscribing needs`, next);
  return ok(`unsubscribe links begin with ${url.origin}`);
}

export type MailboxParts = {
  mailbox: ListMailboxesResult;
  secret: string | null;
  mail_leaves: boolean;
  records: TextRecords;
};

/** One mailbox: whether it may send, whether its key can be opened, and what DNS says of its domain. */
export async function mailboxChecks({
  mailbox,
  secret,
  mail_leaves,
  records,
}: MailboxParts): Promise<Check[]> {
  const { address } = mailbox;
  const state = check(`mailbox ${address}`, () => stateFinding(mailbox, secret));
  if (!mail_leaves) {
    const nothing = () => skipped('no mail leaves from here');
    return Promise.all([state, check(`DNS of ${address}`, nothing)]);
  }
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
  return Promise.all([
    state,
    check(
      `SPF of ${domain}`,
      unlessUnanswered(() => spfFinding(records, domain)),
    ),
    check(
      `DKIM of ${address}`,
      unlessUnanswered(() => dkimFinding(records, mailbox)),
    ),
    check(
      `DMARC of ${domain}`,
      unlessUnanswered(() => dmarcFinding(records, domain)),
    ),
  ]);
}

/** DNS that is silent says nothing about the records. */
function unlessUnanswered<Finding>(look: () => Promise<Finding>) {
  return async () => {
    try {
      return await look();
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'dns_unanswered') throw error;
      return skipped((error as Error).message.replace(/\.$/, ''), 'Try again where DNS can be asked.');
    }
  };
}

function stateFinding(mailbox: ListMailboxesResult, secret: string | null) {
  const { org_id, id, dkim_private_key, dkim_public_key, paused_at, paused_reason, unreachable_error } =
    mailbox;
  if (dkim_private_key !== null) {
    if (secret === null) return skipped('its DKIM key cannot be tried without the secret');
    const pem = openSecret(secret, dkim_private_key, dkimKeyOwner(org_id, id));
    if (pem === null) {
      return failure(
        'its DKIM key cannot be opened with this TOUCHLINE_SECRET',
        'Use the secret that it was set with, or set the key again: touchline mailbox set --help',
      );
    }
    if (readDkimKey(pem).public_key !== dkim_public_key) {
      return failure(
        'its DKIM keys do not belong together',
        'Set the key again: touchline mailbox set --help',
      );
    }
  }
  if (paused_at !== null) {
    return warning(
      `paused since ${paused_at.toISOString()}: ${paused_reason}`,
      `touchline mailbox resume ${id}`,
    );
  }
  if (unreachable_error !== null) {
    return warning(`its server could not be reached: ${unreachable_error}`, 'It is tried again by itself.');
  }
  return ok(
    dkim_private_key === null ? 'may send, and signs nothing itself' : 'may send, and signs with its own key',
  );
}

import { connectionOf, inboxOf, tryWithToken } from '../coordinator/sending/mailbox_logins.ts';
import { freshToken, type TokenContext } from '../coordinator/sending/mailbox_tokens.ts';
import { dkimKeyOwner } from '../coordinator/sending/mailboxes.ts';
import { openSecret } from '../coordinator/sending/sealed_secret.ts';
import type { MailboxesInUseResult } from '../db/queries/doctor.gen.ts';
import { readDkimKey } from '../mail/dkim_key.ts';
import type { MailConnection } from '../mail/messages.ts';
import {
  type Check,
  check,
  checkInTime,
  type Finding,
  failure,
  ok,
  type Patience,
  skipped,
  warning,
} from './check.ts';
import type { Ports } from './mail.ts';
import { dkimFinding, dmarcFinding, domainOf } from './mail_records.ts';
import { spfFinding } from './spf_finding.ts';

type Mailbox = MailboxesInUseResult;
type Look = (mailbox: Mailbox) => Promise<Finding>;

export type MailboxParts = {
  mailboxes: readonly Mailbox[];
  secret: string | null;
  /** Sends for mailboxes without their own server; null: they cannot send. */
  smtp_url: string | null;
  ports: Ports;
  patience: Patience;
  /** The store of mailbox tokens: an expired token is renewed, as in production. */
  tokens: Omit<TokenContext, 'secret'>;
};

/**
 * Checks each mailbox of an organization: whether it may send, whether its key decrypts, whether its servers accept the
 * login, and its domain's DNS records. Equal findings of one domain are reported once.
 */
export async function mailboxChecks(parts: MailboxParts): Promise<Check[]> {
  const { mailboxes, secret, smtp_url, patience } = parts;
  const { records } = parts.ports;
  const each = (what: string, among: readonly Mailbox[], look: Look, late?: Finding) =>
    ofEach(what, among, (mailbox) => checkInTime(patience, what, () => look(mailbox), late));
  const inDns = (what: string, look: Look) =>
    each(what, leaving, (mailbox) => unlessUnanswered(look(mailbox)), SILENT);
  const hostOf = (mailbox: Mailbox) => mailbox.smtp_host ?? hostOfUrl(smtp_url);
  const leaving = mailboxes.filter((mailbox) => hostOf(mailbox) !== null);
  const staying = mailboxes.filter((mailbox) => hostOf(mailbox) === null);
  const with_server = mailboxes.filter(({ smtp_host }) => smtp_host !== null);
  const by_token = mailboxes.filter(({ smtp_oauth, imap_oauth }) => smtp_oauth || imap_oauth);
  const with_inbox = mailboxes.filter(({ imap_host }) => imap_host !== null);
  const found = await Promise.all([
    Promise.all(
      mailboxes.map((mailbox) => check(`mailbox ${mailbox.address}`, () => stateFinding(mailbox, secret))),
    ),
    each('token', by_token, (mailbox) => tokenFinding(mailbox, parts)),
    each('mail server', with_server, (mailbox) => serverFinding(mailbox, parts)),
    each('inbox', with_inbox, (mailbox) => inboxFinding(mailbox, parts)),
    each('DNS', staying, async () => skipped('no SMTP_URL in this shell')),
    inDns('SPF', (mailbox) => spfFinding(records, { address: mailbox.address, host: hostOf(mailbox)! })),
    inDns('DKIM', (mailbox) => dkimFinding(records, mailbox)),
    inDns('DMARC', (mailbox) => dmarcFinding(records, mailbox)),
  ]);
  return found.flat();
}

/** Findings of a domain rather than a mailbox. */
const OF_DOMAINS = ['SPF', 'DMARC'];

async function ofEach(
  what: string,
  among: readonly Mailbox[],
  look: (mailbox: Mailbox) => Promise<Check>,
): Promise<Check[]> {
  const checks = await Promise.all(among.map(async (mailbox) => ({ mailbox, found: await look(mailbox) })));
  const domains = Map.groupBy(checks, ({ mailbox }) => domainOf(mailbox.address));
  return [...domains].flatMap(([domain, all]) => {
    const alike = Map.groupBy(all, ({ found }) => JSON.stringify(found));
    return [...alike.values()].map((group): Check => {
      const [{ mailbox, found }] = group as [(typeof group)[number]];
      const is_whole = group.length === all.length && (all.length > 1 || OF_DOMAINS.includes(what));
      const others = group.length === 1 ? '' : ` and ${group.length - 1} more`;
      return { ...found, name: `${what} of ${is_whole ? domain : `${mailbox.address}${others}`}` };
    });
  });
}

function hostOfUrl(smtp_url: string | null): string | null {
  if (smtp_url === null) return null;
  return URL.canParse(smtp_url) ? new URL(smtp_url).hostname.replace(/^\[|\]$/g, '') : '';
}

const SILENT = skipped('DNS gave no answer in time', 'Try again on a machine that can query DNS.');

/** Without an answer from DNS, nothing is known about the records. */
async function unlessUnanswered(look: Promise<Finding>): Promise<Finding> {
  try {
    return await look;
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'dns_unanswered') throw error;
    return skipped((error as Error).message.replace(/\.$/, ''), 'Try again on a machine that can query DNS.');
  }
}

async function tokenFinding({ org_id, id }: Mailbox, { secret, tokens }: MailboxParts): Promise<Finding> {
  if (secret === null) return withoutSecret('it');
  const answer = await freshToken({ ...tokens, secret }, { org_id, mailbox_id: id });
  if (answer.kind === 'token') return ok(`its provider accepts ${answer.user}`);
  if (answer.kind === 'unreachable') return warning(answer.reason, 'It is retried automatically.');
  return failure(
    answer.reason,
    'An admin runs that command and opens its link while signed in; the mailbox’s user then consents.',
  );
}

async function serverFinding(mailbox: Mailbox, { secret, ports, tokens }: MailboxParts): Promise<Finding> {
  const { verifyMail } = ports;
  if (secret === null && (mailbox.smtp_oauth || mailbox.smtp_password !== null))
    return withoutSecret('its login');
  const connection = connectionOf(mailbox, secret ?? '');
  if (!connection) return unopened('the password of its mail server', 'password');
  if (mailbox.smtp_oauth) await tryWithToken({ ...tokens, secret: secret! }, mailbox, connection, verifyMail);
  else await verifyMail(connection);
  const login = connection.auth === null && !mailbox.smtp_oauth ? '' : ' and the login';
  return ok(`${at(connection)} accepts the connection${login}`);
}

async function inboxFinding(mailbox: Mailbox, { secret, ports, tokens }: MailboxParts): Promise<Finding> {
  const { verifyInbox } = ports;
  if (secret === null) return withoutSecret('its login');
  const connection = inboxOf(mailbox, secret);
  if (!connection) return unopened('the password of its inbox', 'password');
  const { has_junk } = mailbox.imap_oauth
    ? await tryWithToken({ ...tokens, secret }, mailbox, connection, verifyInbox)
    : await verifyInbox(connection);
  const seen = `${at(connection)} accepts the login and opens the inbox`;
  if (has_junk) return ok(`${seen} and the junk folder`);
  return warning(
    `${seen}; it has no junk folder`,
    'Replies marked as spam are not read: check that folder yourself, or mark it on the server (\\Junk).',
  );
}

function withoutSecret(what: string): Finding {
  return skipped(`${what} cannot be decrypted without the secret`);
}

function unopened(what: string, noun: 'key' | 'password'): Finding {
  return failure(
    `${what} cannot be decrypted with this TOUCHLINE_SECRET`,
    `Use the secret that encrypted it, or set the ${noun} again: touchline mailbox set --help`,
  );
}

function at({ host, port }: MailConnection): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function stateFinding(mailbox: Mailbox, secret: string | null) {
  const { org_id, id, dkim_private_key, dkim_public_key, paused_at, paused_reason, unreachable_error } =
    mailbox;
  if (dkim_private_key !== null) {
    if (secret === null) return withoutSecret('its DKIM key');
    const pem = openSecret(secret, dkim_private_key, dkimKeyOwner(org_id, id));
    if (pem === null) return unopened('its DKIM key', 'key');
    if (readDkimKey(pem).public_key !== dkim_public_key) {
      return failure('its DKIM keys do not match', 'Set the key again: touchline mailbox set --help');
    }
  }
  if (paused_at !== null) {
    return warning(
      `paused since ${paused_at.toISOString()}: ${paused_reason}`,
      `touchline mailbox resume ${id}`,
    );
  }
  if (unreachable_error !== null) {
    return warning(`its server could not be reached: ${unreachable_error}`, 'It is retried automatically.');
  }
  return ok(dkim_private_key === null ? 'may send; DKIM is off' : 'may send; DKIM is on');
}

/**
 * Failures described only in words, as common servers write them. A closed list: text that no rule matches is not a bounce.
 */
import { type FailedRecipient, judged, type Told } from './bounces.ts';
import type { InboundFacts } from './facts.ts';
import { aboutAddress, ownWords } from './server_words.ts';
import { addressIn } from './words.ts';

const DAEMONS =
  /^(mailer[-_. ]?daemon|mail[-_. ]?daemon|postmaster|mdaemon|(?:e-?)?mail delivery\b|mail (?:administrator|system)|mail-administrator|system administrator|bounces?|double-bounce|microsoftexchange[0-9a-f]{8,40})\b/;

/** Opening phrases of failure messages. Lowercase, with single spaces. */
const FAILED = [
  'this is the qmail-send program',
  'this message was created automatically by mail delivery software',
  'a message that you sent could not be delivered',
  'a message that you sent has not yet been delivered',
  "i'm sorry to have to inform you that your message could not",
  'i was not able to deliver your message',
  "i'm afraid i wasn't able to deliver your message",
  'the following addresses had permanent fatal errors',
  'the following recipients could not be reached',
  'the following recipient(s) could not be reached',
  'did not reach the following recipient',
  'did not reach some or all of the intended recipients',
  'delivery has failed to these recipients',
  "your message wasn't delivered to",
  "your message couldn't be delivered",
  'could not be delivered to the following',
  'could not be delivered to one or more',
  'message could not be delivered',
  'was unable to deliver your message',
  'we were unable to deliver your message',
  'sorry, we were unable to deliver',
  'unable to deliver message to the following',
  'address not found',
  'undeliverable mail',
  'your mail to the following recipients could not be delivered',
  'permanent error has occurred',
  'failed recipient',
  'failed address',
  'permanent fatal delivery errors',
  'delivery failure notification',
  'i am sending you this message to inform you on the delivery status',
  'an error occurred while trying to deliver',
  'delivery to the following recipient',
  'there was a problem delivering your message',
  'has been blocked',
  'не доставлено',
  'не может быть доставлено',
  'konnte die nachricht nicht zustellen',
  'konnte an einen oder mehrere empfanger nicht zugestellt',
  'konnte an einen oder mehrere empfänger nicht zugestellt',
  'fehler bei der zustellung',
  'unzustellbar',
  'nicht zugestellt werden',
  "n'a pas pu etre remis",
  "n'a pas pu être remis",
  "n'a pas pu être délivré",
  'no se pudo entregar',
  'no se ha podido entregar',
  'non è stato possibile recapitare',
  'impossibile recapitare',
];

const DELAYED = [
  'this is a warning message only',
  'you do not need to resend your message',
  'has not yet been delivered',
  'has been delayed',
  'delivery is delayed to these recipients',
  'delivery delayed',
  'delivery incomplete',
  'there was a temporary problem delivering your message',
  'will be retried',
  'will retry for',
  'will continue to try',
  'will keep trying',
  'delivery attempts will continue',
  'could not send message for past',
  'verzögert sich',
  'noch nicht zugestellt',
  'weitere zustellversuche',
];

/**
 * The failure that a mail server describes in words. Null if the sender is not a mail server, or only forwards one's text.
 */
export function toldBounce(mail: InboundFacts): Told | null {
  if (!isFromServer(mail)) return null;
  const own = ownWords(mail.text);
  const opening = own.replace(/\s+/g, ' ');
  const subject = mail.subject.toLowerCase();
  const failed = mail.headers.x_failed_recipients;
  if (
    has(opening, DELAYED) ||
    /^(warning|delayed)\b.*(delay|could not send|still being retried)|zustellung verzögert/.test(subject)
  ) {
    const address = failedAddresses(own, mail);
    return { kind: 'delay', delayed: address };
  }
  const is_known = failed !== null || has(opening, FAILED) || isFailureSubject(subject);
  // A server that returns our message failed to deliver it, in whatever words.
  if (!is_known && (mail.returned === null || mail.returned.message_id === null)) {
    return { kind: 'other', why: 'mail_server' };
  }
  const addresses = failedAddresses(own, mail);
  if (!is_known)
    return { kind: 'bounce', failed: [{ ...oneFailed(addresses[0] ?? null, own, mail), ...UNKNOWN }] };
  if (addresses.length === 0) return { kind: 'bounce', failed: [oneFailed(null, own, mail)] };
  return {
    kind: 'bounce',
    failed: addresses.map((address) =>
      oneFailed(
        address,
        aboutAddress(
          own,
          address,
          addresses.filter((other) => other !== address),
        ),
        mail,
      ),
    ),
  };
}

/**
 * By its sender, by the type of the message, or, for a server under any name, by an empty return path and our message within.
 * A person's reply that only carries a server's header is none.
 */
function isFromServer(mail: InboundFacts): boolean {
  const { from, headers, content_type, in_reply_to, returned } = mail;
  const local = from.address.split('@', 1)[0] ?? '';
  if (DAEMONS.test(local) || DAEMONS.test(from.name.toLowerCase())) return true;
  if (content_type.report_type === 'delivery-status') return true;
  const is_titled = isFailureSubject(mail.subject.toLowerCase());
  if (headers.x_failed_recipients !== null) return in_reply_to === null || is_titled;
  const is_bare = /^<\s*>$/.test((headers.return_path ?? '').trim());
  return is_bare && returned !== null && is_titled;
}

function isFailureSubject(subject: string): boolean {
  return /^(?:\[postmaster\] |\*{2})?(undeliver(able|ed)|failure notice|mail failure|email delivery failure|non-?deliver(?:y|able)|message you sent blocked|delivery (?:has )?failed|delivery (status notification \(failure\)|failure|failed)|mail delivery failed|returned mail|mail system error|undelivered mail|unzustellbar|non remis|no se puede entregar|message not delivered|delivery notification: delivery has failed)/.test(
    subject,
  );
}

/** The header names the failed addresses, else the text: every address except the sender's and the server's own. */
function failedAddresses(own: string, mail: InboundFacts): string[] {
  const named = (mail.headers.x_failed_recipients ?? '').split(',').flatMap((part) => addressIn(part) ?? []);
  if (named.length > 0) return [...new Set(named)].slice(0, 50);
  const others = new Set([mail.from.address, ...mail.to]);
  const found: string[] = [];
  for (const [word] of own.matchAll(/[^\s<>()"',;:[\]]{1,64}@[^\s<>()"',;:[\]@]{3,253}/g)) {
    const address = addressIn(word)?.replace(/\.+$/, '') ?? null;
    if (address === null || others.has(address) || found.includes(address)) continue;
    if (isOfServer(address)) continue;
    found.push(address);
    if (found.length >= 20) break;
  }
  return onlyMarked(own, found);
}

/** Addresses in a server's text that belong to no recipient: its own, help addresses, and message ids. */
function isOfServer(address: string): boolean {
  return (
    /^(postmaster|mailer-daemon|abuse|support|help|helpdesk|no-?reply|hostmaster)@/.test(address) ||
    /[0-9a-f]{16}|^\d{6}/.test(address)
  );
}

/** If some addresses are in brackets or begin a line, the others are only mentioned. */
function onlyMarked(own: string, found: readonly string[]): string[] {
  const marked = found.filter((address) =>
    [`<${address}>`, `\n${address}`, `\n  ${address}`, `\n    ${address}`].some((form) => own.includes(form)),
  );
  return marked.length > 0 ? marked : found.slice(0, 1);
}

/** At least soft: a person sees it. */
const UNKNOWN = { severity: 'soft', cause: 'unknown' } as const;

function oneFailed(address: string | null, about: string, { to }: Pick<InboundFacts, 'to'>): FailedRecipient {
  const ours = to.filter((one) => one !== address);
  return { address, forwarded_to: null, ...judged('', about, ours) };
}

function has(words: string, list: readonly string[]): boolean {
  return list.some((phrase) => words.includes(phrase));
}

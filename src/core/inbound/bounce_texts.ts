/**
 * Failures described only in words, as common servers write them. A closed list: text that no rule matches is not a bounce.
 */
import { severityOf, statusOf, type Told } from './bounces.ts';
import type { InboundFacts } from './facts.ts';
import { addressIn } from './words.ts';

const DAEMONS =
  /^(mailer[-_. ]?daemon|mail[-_. ]?daemon|postmaster|mdaemon|mail delivery (sub)?system|microsoftexchange[0-9a-f]{8,40})\b/;

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
  'delivery to the following recipient failed permanently',
  'delivery to the following recipients failed',
  'delivery has failed to these recipients',
  "your message wasn't delivered to",
  "your message couldn't be delivered",
  'your message could not be delivered',
  'could not be delivered to the following',
  'could not be delivered to one or more',
  'message could not be delivered',
  'was unable to deliver your message',
  'we were unable to deliver your message',
  'sorry, we were unable to deliver',
  'unable to deliver message to the following',
  'an error occurred while trying to deliver the mail to the following recipients',
  'address not found',
  'undeliverable mail',
  'your mail to the following recipients could not be delivered',
  'permanent error has occurred',
  'failed recipient',
  'failed address',
  'permanent fatal delivery errors',
  'konnte nicht zugestellt werden',
  'konnte die nachricht nicht zustellen',
  'konnte leider nicht zugestellt werden',
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

/** The beginning of the returned message: the text after it is not the server's. */
const COPY =
  /below this line is a copy of the message|this is a copy of (?:the|your) message|original message (?:headers )?follows|(?:^|\n)[-_= ]{0,60}(?:original message|message header|unsent message below|returned message|ursprüngliche nachricht|original-nachricht|transcript of session|header der ursprünglichen nachricht|original message headers)[-_= :]{0,60}\n|\n(?:received|return-path): |\n(?:from: [^\n]{1,300}\n(?:to|subject|date|sent): )/;

const MAX_READ = 30_000;

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
  if (failed === null && !has(opening, FAILED) && !isFailureSubject(subject)) {
    return { kind: 'other', why: 'mail_server' };
  }
  const addresses = failedAddresses(own, mail);
  if (addresses.length === 0) return { kind: 'bounce', failed: [oneFailed(null, own)] };
  return {
    kind: 'bounce',
    failed: addresses.map((address) => oneFailed(address, aboutAddress(own, address))),
  };
}

function isFromServer({ from, headers }: InboundFacts): boolean {
  if (headers.x_failed_recipients !== null) return true;
  const local = from.address.split('@', 1)[0] ?? '';
  return DAEMONS.test(local) || DAEMONS.test(from.name.toLowerCase());
}

function isFailureSubject(subject: string): boolean {
  return /^(undeliver(able|ed)|failure notice|delivery (status notification \(failure\)|failure|failed)|mail delivery failed|returned mail|mail system error|undelivered mail|unzustellbar|non remis|no se puede entregar|message not delivered|delivery notification: delivery has failed)/.test(
    subject,
  );
}

function ownWords(text: string): string {
  const words = text.slice(0, MAX_READ).toLowerCase();
  // If a transcript or a copy begins at once, the whole text is read.
  const copy = words.search(COPY);
  return copy > 60 ? words.slice(0, copy) : words;
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

/** The text about an address: from the address to the beginning of the next paragraph but one. */
function aboutAddress(own: string, address: string): string {
  const start = Math.max(0, own.lastIndexOf(address));
  const nearby = own.slice(own.indexOf(address), own.indexOf(address) + 1_500);
  return /[45]\d\d|[45]\.\d/.test(nearby) ? nearby : own.slice(0, start + 1_500);
}

function oneFailed(address: string | null, about: string) {
  const status = statusOf('', about);
  return { address, severity: severityOf(status, about), status };
}

function has(words: string, list: readonly string[]): boolean {
  return list.some((phrase) => words.includes(phrase));
}

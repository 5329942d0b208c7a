/** Machine-readable delivery reports (RFC 3464), and what a server's refusal says about an address. */
import {
  ABOUT_MESSAGE,
  ABOUT_US,
  type BounceCause,
  BY_POLICY,
  FOR_A_TIME,
  LOOKUP_BROKEN,
  NAMES_NO_RECIPIENT,
  ORDER,
} from './bounce_words.ts';
import type { DeliveryStatus, InboundFacts } from './facts.ts';
import { aboutAddress, ownWords } from './server_words.ts';
import { fold } from './words.ts';

/**
 * - `hard`: the address or its domain does not exist; no message will ever arrive there.
 * - `soft`: full, away, or unreachable: it may work another day.
 * - `policy`: refused because of the message or its sender. It says nothing about the address.
 */
export type BounceSeverity = 'hard' | 'soft' | 'policy';

export type FailedRecipient = {
  /** Lowercase; the original address if the report names both. Null if it names none. */
  address: string | null;
  severity: BounceSeverity;
  cause: BounceCause;
  /** Where it finally failed, if that is another address: a forwarded message. */
  forwarded_to: string | null;
  /** RFC 3463, as given or as found in the diagnostic; null without one. */
  status: string | null;
};

export type Told =
  | { kind: 'bounce'; failed: FailedRecipient[] }
  | { kind: 'delay'; delayed: string[] }
  | { kind: 'other'; why: 'delivery_report' | 'mail_server' };

/**
 * The content of a report. Only `Action: failed` ends delivery; a report without a recipient says nothing. Null if it is no
 * report.
 */
export function reportedBounce(mail: InboundFacts): Told | null {
  const { delivery_status } = mail;
  if (delivery_status === null) return null;
  const failed = delivery_status.filter(({ action }) => action === 'failed');
  if (failed.length > 0) {
    return {
      kind: 'bounce',
      failed: failed.map((recipient) => {
        const { original_recipient, final_recipient } = recipient;
        const address = original_recipient ?? final_recipient;
        const forwarded_to = final_recipient === address ? null : final_recipient;
        return { address, forwarded_to, ...judgedBy(recipient, mail) };
      }),
    };
  }
  const delayed = delivery_status.filter(({ action }) => action === 'delayed');
  if (delayed.length > 0) {
    const addresses = delayed.map((one) => one.original_recipient ?? one.final_recipient);
    return { kind: 'delay', delayed: addresses.flatMap((address) => address ?? []) };
  }
  // An empty or truncated report may still describe the failure in words.
  return delivery_status.length === 0 ? null : { kind: 'other', why: 'delivery_report' };
}

/** Some servers leave the diagnostic empty, and say the reason to people only. */
function judgedBy(recipient: DeliveryStatus, { text, to }: Pick<InboundFacts, 'text' | 'to'>) {
  const { status, diagnostic_code, final_recipient, original_recipient } = recipient;
  const ours = to.filter((address) => address !== final_recipient && address !== original_recipient);
  const said = judged(status, diagnostic_code, ours);
  if (said.cause !== 'unknown' && diagnostic_code !== '') return said;
  const own = ownWords(text);
  const told = judged(status, final_recipient === null ? own : aboutAddress(own, final_recipient), ours);
  return told.cause === 'unknown' ? said : { ...told, status: said.status ?? told.status };
}

type Judged = Pick<FailedRecipient, 'severity' | 'cause' | 'status'>;

const WORDS_MAX = 2_000;

/**
 * What a refusal says about the address. The server's words weigh most, then the enhanced code (RFC 3463) within them, then
 * the outer status, which relays and many servers fill with a general one. An unknown refusal never condemns an address.
 * `ours`: our addresses, to which the report was returned; one of them that is unknown says nothing about the recipient.
 */
export function judged(outer_status: string, diagnostic: string, ours: readonly string[] = []): Judged {
  const words = fold(diagnostic, WORDS_MAX)
    .replace(/\s+/g, ' ')
    .replace(/ [45]\d\d-(?=[45]\.\d)/g, ' ');
  const inner = codeIn(words);
  const status = inner ?? (outer_status === '' ? null : outer_status);
  const spoken = readable(words);
  const is_of_us = ours.length > 0 && namesUs(words, ours);
  const said = ORDER.find(([, list]) => list.test(spoken))?.[0] ?? null;
  const first = said ?? causeOfCode(inner) ?? causeOfReply(words) ?? causeOfCode(outer_status) ?? 'unknown';
  const cause = first === 'no_recipient' || first === 'unknown' ? meant(spoken, first, is_of_us) : first;
  const severity = SEVERITIES[cause];
  // `450 User unknown, try again later`: the server may find the user later.
  const is_temporary = severity === 'hard' && isTemporary(words, inner);
  if (is_temporary) return { severity: 'soft', cause: 'unreachable', status };
  return { severity, cause, status };
}

/** The cause of a refusal that names no recipient, or nothing known: the rest of its words may say whose fault that is. */
function meant(spoken: string, first: BounceCause, is_of_us: boolean): BounceCause {
  if (is_of_us || ABOUT_US.test(spoken) || ABOUT_MESSAGE.test(spoken)) return 'sender';
  if (BY_POLICY.test(spoken)) return 'policy';
  if (first === 'no_recipient' && (FOR_A_TIME.test(spoken) || LOOKUP_BROKEN.test(spoken)))
    return 'unreachable';
  return first;
}

const SEVERITIES: Readonly<Record<BounceCause, BounceSeverity>> = {
  no_recipient: 'hard',
  ...{ full: 'soft', rate: 'soft', dns: 'soft', unreachable: 'soft', loop: 'soft', unknown: 'soft' },
  ...{ message: 'policy', policy: 'policy', sender: 'policy', account: 'policy' },
};

/** The first specific enhanced code of a text; a general one if there is no other. */
function codeIn(words: string): string | null {
  const codes = [...words.matchAll(/(?<![\d.])[245]\.\d{1,2}\.\d{1,3}(?![\d.]\d|\d)/g)].map(([code]) => code);
  return codes.find((code) => !code.endsWith('.0.0')) ?? codes[0] ?? null;
}

/** In place of our own address in a refusal: a character that no mail has. */
const US = '\ue000';
const FROM_US = /(?:from|by|von|de|da|van|fran|od|от)[:\s]*$/;

/** Whether the address that the server does not know is ours: the one beside the words, and not after `from`. */
function namesUs(words: string, ours: readonly string[]): boolean {
  const marked = ours.reduce((text, address) => text.replaceAll(address, US), words);
  if (!marked.includes(US)) return false;
  const text = readable(marked).replace(/[<("[]?\ue000[>)"\]]?/g, US);
  const unknown = NAMES_NO_RECIPIENT.exec(text.replaceAll(US, '@'));
  const [start, end] = unknown === null ? [0, 0] : [unknown.index, unknown.index + unknown[0].length];
  const named = [...text.matchAll(/[@\ue000]/g)]
    .filter(({ index }) => !FROM_US.test(text.slice(0, index)))
    .map(({ 0: sign, index }) => ({ sign, away: Math.max(start - index, index - end, 0) }))
    .toSorted((one, other) => one.away - other.away);
  return named[0]?.sign === US && (unknown !== null || named.every(({ sign }) => sign === US));
}

/** Addresses and hosts in a refusal are not words about the failure. */
function readable(words: string): string {
  return words
    .replace(/https?:\/\/\S{1,300}/g, ' ')
    .replace(/\[[0-9a-f.:]{3,45}\]/g, ' ')
    .replace(/[<("[]?[^\s<>()"@:;[\]]{1,64}@[a-z0-9.-]{1,253}[a-z0-9][>)"\]]?/g, '@');
}

function isTemporary(words: string, inner: string | null): boolean {
  if (inner !== null) return inner.startsWith('4');
  const classes = repliesIn(words).map((reply) => reply.charAt(0));
  return classes.includes('4') && !classes.includes('5');
}

/** Reply codes (RFC 5321 section 4.2.3), with the words that follow. */
function repliesIn(words: string): string[] {
  return [...words.matchAll(/(?<![\d.])[45]\d\d(?=[ :-])/g)].map(([code]) => code);
}

/** RFC 3463, and the numbers of Exchange. Null for a code that says too little. */
function causeOfCode(code: string | null): BounceCause | null {
  if (code === null || code === '') return null;
  const [status_class = '', subject = '', detail = ''] = code.split('.');
  const cause = CODES[`${subject}.${detail}`] ?? SUBJECTS[subject] ?? null;
  const is_gone = cause === 'no_recipient';
  return status_class === '4' && (cause === null || is_gone) ? 'unreachable' : cause;
}

const CODES: Readonly<Record<string, BounceCause>> = {
  ...{ '1.1': 'no_recipient', '1.3': 'no_recipient', '1.6': 'no_recipient', '1.10': 'no_recipient' },
  ...{ '1.2': 'dns', '1.7': 'sender', '1.8': 'sender', '1.9': 'sender' },
  ...{ '2.1': 'no_recipient', '2.2': 'full', '2.3': 'message', '2.122': 'rate' },
  ...{ '3.1': 'full', '3.4': 'message' },
  ...{
    '4.1': 'unreachable',
    '4.2': 'unreachable',
    '4.3': 'dns',
    '4.4': 'dns',
    '4.6': 'loop',
    '4.7': 'unreachable',
  },
  ...{
    '4.8': 'loop',
    '4.14': 'loop',
    '4.300': 'unreachable',
    '4.310': 'dns',
    '4.312': 'dns',
    '4.316': 'unreachable',
  },
};
const SUBJECTS: Readonly<Record<string, BounceCause>> = { '6': 'message', '7': 'policy' };

/** Where a reply has no other words. */
function causeOfReply(words: string): BounceCause | null {
  const [code] = repliesIn(words);
  if (code === undefined) return null;
  if (code === '552' || code === '452') return 'full';
  if (code === '551' || code === '511') return 'no_recipient';
  return code.startsWith('4') ? 'unreachable' : null;
}

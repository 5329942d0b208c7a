/** Machine-readable delivery reports (RFC 3464), and what a server's refusal says about an address. */
import type { InboundFacts } from './facts.ts';

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
        const status = statusOf(recipient.status, recipient.diagnostic_code);
        return {
          address: recipient.original_recipient ?? recipient.final_recipient,
          severity: severityOf(status, recipient.diagnostic_code),
          status,
        };
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

/** Exim and others always write 5.0.0 and leave the true status to the diagnostic. */
export function statusOf(status: string, diagnostic: string): string | null {
  const is_vague = status === '' || /^[45]\.0\.0$/.test(status);
  const found = is_vague
    ? /(?<![\d.])[45]\.\d{1,2}\.\d{1,3}(?![\d.]\d)/.exec(diagnostic.slice(0, 2_000))
    : null;
  return found?.[0] ?? (status === '' ? null : status);
}

const GONE =
  /user unknown|unknown user|no such (?:user|recipient|mailbox|address|person)|does(?: not|n't) (?:exist|have an? \S{1,40} account)|mailbox (?:unavailable|not found|unknown|does not|is disabled|disabled|inactive)|(?:address|recipient|account|user|mailbox)[^.;\n]{0,40} (?:not found|unknown|rejected: user|invalid|does not exist|not exist|has been (?:disabled|closed|deactivated)|is (?:disabled|inactive|not active|closed))|address (?:is )?rejected|invalid (?:recipient|mailbox|address|user)|unknown (?:recipient|address|local part|mailbox)|unrouteable address|not a known user|no mailbox (?:here|by that name)|recipient (?:address )?rejected|mail to this (?:user|address) is not accepted|domain not found|no mx|host (?:or domain name )?not found|host unknown|name or service not known|nxdomain|no longer (?:available|exists|in use|valid)|couldn'?t be found|wasn'?t found|was not found|unbekannt|existiert nicht|nicht bekannt|n'existe pas|inconnu|no existe|non esiste|inesistente/;
const FULL =
  /quota|mailbox (?:is )?full|mailbox[^.;\n]{0,30} full|inbox[^.;\n]{0,30} full|over ?quota|exceed(?:s|ed)? (?:its |the )?(?:storage|quota|mailbox)|insufficient (?:system )?storage|out of storage|not enough (?:disk )?space|disk space|try again later|temporar|timed out|time-?out|connection (?:refused|reset|lost)|could not be reached|no route to host|expired|retry time|retry timeout|too long|rate limit|too many|greylist|voll\b|speicherplatz|pleine|llen[ao]\b|piena/;
const POLICY =
  /spam|block(?:ed|list)|black ?list|deny list|dnsbl|rbl\b|spamhaus|policy|polic(?:ies|y)|spf\b|dkim|dmarc|reputation|unsolicited|content (?:rejected|filter)|virus|malware|attachment|not (?:authorized|authorised|permitted|allowed)|unauthenticated|authentication|relay(?:ing)? (?:denied|not permitted|access)|access denied|message (?:size|too (?:large|big))|too large|size limit|sender (?:address )?rejected|reverse dns|ptr record|restricted|permission/;

/** RFC 3463 section 3.3: disabled, full, message too long for it, or a list that cannot be expanded. */
const OF_MAILBOX: Record<string, BounceSeverity> = { '1': 'hard', '2': 'soft', '3': 'policy', '4': 'policy' };

/** What a refusal says about the address: by its enhanced code (RFC 3463) if that is specific, else by its words. */
export function severityOf(status: string | null, diagnostic: string): BounceSeverity {
  return severityOfStatus(status) ?? severityOfWords(diagnostic);
}

function severityOfStatus(status: string | null): BounceSeverity | null {
  if (status === null) return null;
  const [status_class = '', subject = '', detail = ''] = status.split('.');
  if (status_class === '4') return 'soft';
  if (subject === '1') return detail === '7' || detail === '8' ? 'policy' : 'hard';
  if (subject === '2') return OF_MAILBOX[detail] ?? null;
  // Expired, looped, or unanswered, in the numbers of RFC 3463 and of Exchange.
  if (subject === '4') return /^(5|6|7|8|14|300|316|317|318)$/.test(detail) ? 'soft' : 'hard';
  if (subject === '3') return detail === '4' ? 'policy' : null;
  if (subject === '6' || subject === '7') return 'policy';
  return null;
}

/** An unknown refusal does not condemn an address. */
function severityOfWords(diagnostic: string): BounceSeverity {
  const words = diagnostic.slice(0, 2_000).toLowerCase().replace(/\s+/g, ' ');
  if (FULL.test(words)) return 'soft';
  // A refusal of a blocked sender often mentions the recipient too: "550 <...>: Recipient address rejected: blocked".
  if (POLICY.test(words) && !/user unknown|unknown user|no such user|does(?: not|n't) exist/.test(words))
    return 'policy';
  return GONE.test(words) ? 'hard' : 'soft';
}

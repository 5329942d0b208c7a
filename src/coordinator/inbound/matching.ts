import type { ClassifiedInbound } from '../../core/inbound/inbound.ts';
import { attemptsByMessageId, leadOfSender, touchOfToken } from '../../db/queries/inbound.gen.ts';
import type { InboundMail } from '../../mail/messages.ts';
import type { AttemptStage, InboundMatch } from '../../schema.gen.ts';
import { type EventSubject, itemSubject } from '../gate/events.ts';
import type { Scope } from '../gate/scope.ts';
import { readUnsubscribeToken } from '../sending/unsubscribe_token.ts';

/** The lead of a message, and the evidence for it. */
export type Match = {
  matched_by: InboundMatch;
  lead_id: string | null;
  /** The role of the answered enrollment; for `sender_only`, that of the lead's latest enrollment. */
  owner_role: string | null;
  /** The answered touch; null unless the message contained our own id or token. */
  touch: MatchedTouch | null;
};

export type MatchedTouch = {
  queue_id: string;
  lead_id: string;
  enrollment_id: string;
  subject: EventSubject;
  /** `to_address` is null if its owner was erased. */
  attempt: { id: string; mailbox_id: string; stage: AttemptStage; to_address: string | null } | null;
};

const NOBODY: Match = { matched_by: 'none', lead_id: null, owner_role: null, touch: null };

/** The most links read from a message; ours have fewer. */
const TOKENS_MAX = 100;

/** Kinds that a From line alone may match: a person's own words, or their own machine's. */
const PERSONAL: readonly string[] = ['reply', 'unsubscribe', 'out_of_office', 'auto_reply'];

/**
 * By our Message-ID, which cannot be guessed, in the headers of the reply or of the message that it returns; else by the
 * token of our unsubscribe link, because some servers replace ids. A From line proves nothing: a match by it alone is
 * `sender_only`. Delivery reports and complaints are never matched by it.
 */
export async function matchInbound(
  scope: Scope,
  mail: InboundMail,
  kind: ClassifiedInbound['kind'],
  secret: string,
): Promise<Match> {
  return (
    (await byMessageId(scope, mail)) ??
    (await byToken(scope, mail, secret)) ??
    (PERSONAL.includes(kind) ? await bySender(scope, mail) : NOBODY)
  );
}

async function byMessageId({ org_id, tx }: Scope, mail: InboundMail): Promise<Match | null> {
  const { in_reply_to, references, returned } = mail;
  // The last reference is the answered message.
  const named: [InboundMatch, string | null][] = [
    ['in_reply_to', in_reply_to],
    ...references.toReversed().map((id): [InboundMatch, string] => ['references', id]),
    ['returned_message', returned?.message_id ?? null],
  ];
  const message_ids = [...new Set(named.flatMap(([, id]) => id ?? []))];
  if (message_ids.length === 0) return null;
  const attempts = await attemptsByMessageId.run({ org_id, message_ids }, tx);
  for (const [matched_by, named_id] of named) {
    const found = attempts.find(({ message_id }) => message_id === named_id);
    if (found === undefined) continue;
    const { id, mailbox_id, stage, to_id, lead_id, owner_role } = found;
    const attempt = { id, mailbox_id, stage, to_address: to_id };
    return { matched_by, lead_id, owner_role, touch: touchOf(found, attempt) };
  }
  return null;
}

async function byToken({ org_id, tx }: Scope, mail: InboundMail, secret: string): Promise<Match | null> {
  const links = [...(mail.returned?.list_unsubscribe?.match(/<[^>]*>/g) ?? []), ...mail.links];
  for (const link of links.slice(0, TOKENS_MAX)) {
    const token = /\/u\/([\w-]{20,200})(?![\w-])/.exec(link)?.[1];
    const subject = token === undefined ? null : readUnsubscribeToken(secret, token);
    if (subject === null || subject.org_id !== org_id) continue;
    const { queue_id, lead_id } = subject;
    const [found] = await touchOfToken.run({ org_id, queue_id, lead_id }, tx);
    if (found === undefined) continue;
    const { owner_role, attempt_id, mailbox_id, stage, to_id } = found;
    const attempt =
      attempt_id === null || mailbox_id === null || stage === null || to_id === null
        ? null
        : { id: attempt_id, mailbox_id, stage, to_address: to_id };
    return { matched_by: 'token', lead_id, owner_role, touch: touchOf(found, attempt) };
  }
  return null;
}

function touchOf(
  item: Omit<Parameters<typeof itemSubject>[0], 'id'> & { queue_id: string },
  attempt: MatchedTouch['attempt'],
): MatchedTouch {
  const { queue_id, lead_id, enrollment_id } = item;
  return { queue_id, lead_id, enrollment_id, subject: itemSubject({ ...item, id: queue_id }), attempt };
}

async function bySender({ org_id, tx }: Scope, mail: InboundMail): Promise<Match> {
  const { address } = mail.from;
  if (!address.includes('@')) return NOBODY;
  const [found] = await leadOfSender.run({ org_id, address }, tx);
  if (found === undefined) return NOBODY;
  const { lead_id, owner_role } = found;
  return { matched_by: 'sender_only', lead_id, owner_role, touch: null };
}

import { AUTOMATIC_INTENTS, type Policy } from '../../core/gate/policy.ts';
import type { ClassifiedInbound } from '../../core/inbound/inbound.ts';
import type { SuggestedContact } from '../../core/inbound/suggested_contact.ts';
import type { InboundMatch, InboundMessagesRow, InboundReason, ReplyIntent } from '../../schema.gen.ts';
import { type Failures, failuresOf } from './reports.ts';

/** The intent of a reply. `certain: false` is a guess. */
export type ReadIntent = { intent: ReplyIntent; source: 'rules' | 'model'; certain: boolean };

/**
 * A model that classifies replies. It has no tool and returns one of the intents, or null; whatever a message makes it say
 * is only shown to the person who decides.
 */
export type Classify = (answer: {
  subject: string;
  text: string;
}) => Promise<{ intent: ReplyIntent; certain: boolean } | null>;

type Matched = Pick<InboundMessagesRow, 'matched_by' | 'source' | 'fault'>;

/** Facts about a message besides its words. */
export type Standing = {
  /** It is from the address that we wrote to, or from one of the lead's, perhaps with a tag (`ann+news@x`). */
  is_from_lead: boolean;
  /** Only with a tag, or only without the tag of ours. */
  is_tagged: boolean;
  /** A person's reply of the same lead waits for someone. */
  is_after_reply: boolean;
  /** The address that we wrote to replied to the attempt that the message names. */
  is_answered: boolean;
};

/** From the rules; from the model if the rules are uncertain and the model answers. */
export function intentOf({
  told,
  guess,
}: {
  told: ClassifiedInbound | null;
  guess: ReadIntent | null;
}): ReadIntent | null {
  switch (told?.kind) {
    case 'reply':
      return guess ?? { intent: told.intent, source: 'rules', certain: told.certain };
    case 'unsubscribe':
    case 'out_of_office':
      return { intent: told.kind, source: 'rules', certain: true };
    case 'auto_reply':
      return told.left_company ? { intent: 'wrong_person', source: 'rules', certain: true } : null;
    default:
      return null;
  }
}

/** When an absent person is back, as a person or a machine wrote it; null unless the rules read an absence. */
export function returnDateOf(told: ClassifiedInbound | null, read: ReadIntent | null): string | null {
  if (read?.intent !== 'out_of_office' || read.source !== 'rules') return null;
  return told?.kind === 'out_of_office' || told?.kind === 'reply' ? told.return_date : null;
}

/**
 * Whether an intent takes effect automatically: the rules are certain, the policy allows it, and our own id or token proves
 * whose it is. Words from an address that we never wrote to say nothing about the lead, and a machine's words settle
 * nothing while a person's wait. An absence only postpones, and nobody reads in a mailbox whose owner left.
 */
export function actsByItself(
  { matched_by }: Pick<Matched, 'matched_by'>,
  read: ReadIntent | null,
  { reply_handling }: Pick<Policy, 'reply_handling'>,
  { told, standing }: { told: ClassifiedInbound | null; standing: Standing },
): boolean {
  if (read === null || read.source !== 'rules' || !read.certain || !isOurs(matched_by)) return false;
  const automatic = AUTOMATIC_INTENTS.find((intent) => intent === read.intent);
  if (automatic === undefined) return false;
  if (read.intent === 'out_of_office') return reply_handling.auto.includes(automatic);
  if (!standing.is_from_lead || (standing.is_after_reply && isByMachine(told))) return false;
  return leftCompany(told) || reply_handling.auto.includes(automatic);
}

/** Why a message has no effect, or why a person decides about it; null where its kind and intent say enough. */
export function reasonOf(
  { told, matched_by, sent_to }: Pick<Matched, 'matched_by'> & About,
  { standing, acts }: { standing: Standing; acts: boolean },
): InboundReason | null {
  if (told?.kind === 'other') return told.why;
  if (!isOurs(matched_by) || told === null) return null;
  if (told.kind === 'bounce') return reasonOfBounce(failuresOf(told.failed, sent_to), standing);
  if (leftCompany(told) && acts) return 'left_company';
  if (acts || !(told.kind === 'unsubscribe' || told.kind === 'reply' || leftCompany(told))) return null;
  if (!standing.is_from_lead) return 'other_sender';
  return standing.is_after_reply && isByMachine(told) ? 'after_reply' : null;
}

type About = { told: ClassifiedInbound | null; sent_to: string | null };

function reasonOfBounce({ own, others }: Failures, { is_answered }: Standing): InboundReason | null {
  if ((own ?? others[0])?.cause === 'unknown') return 'unknown_bounce';
  if (own === null) return 'other_address';
  return own.severity === 'hard' && is_answered ? 'after_reply' : null;
}

/** Why a message that belongs to none of the kinds needs no review. */
const STATED: ReadonlySet<string> = new Set(['receipt', 'delivery_report', 'feedback']);

/**
 * Whether a message needs review: a reply without an automatic effect, a suggestion, an automatic reply that does not
 * say why, and a message with our id that no rule understands. In a private mailbox, only a lead's mail concerns us.
 */
export function waitsForSomeone(
  { fault, matched_by, source }: Pick<Matched, 'fault' | 'matched_by' | 'source'>,
  told: ClassifiedInbound | null,
  { acts, reason }: { acts: boolean; reason: InboundReason | null },
): boolean {
  if (fault !== null) return true;
  switch (told?.kind) {
    case 'bounce':
      return reason === 'unknown_bounce' || reason === 'after_reply';
    case 'reply':
    case 'unsubscribe':
      if (matched_by === 'none') return source === 'http';
      return !acts || (leftCompany(told) && suggestionOf(told) !== null);
    case 'auto_reply':
      if (!isOurs(matched_by)) return false;
      return told.left_company ? !acts || told.suggested_contact !== null : !told.is_explained;
    case 'out_of_office':
      return isOurs(matched_by) && !told.is_explained;
    case 'other':
      return isOurs(matched_by) && !STATED.has(told.why);
    default:
      return false;
  }
}

export function suggestionOf(told: ClassifiedInbound | null): SuggestedContact | null {
  return told?.kind === 'reply' || told?.kind === 'auto_reply' ? told.suggested_contact : null;
}

function leftCompany(told: ClassifiedInbound | null): boolean {
  return (told?.kind === 'reply' || told?.kind === 'auto_reply') && told.left_company;
}

function isByMachine(told: ClassifiedInbound | null): boolean {
  return told?.kind === 'auto_reply' || (told !== null && 'by_machine' in told && told.by_machine);
}

/** Our own id or token proves it. */
export function isOurs(matched_by: InboundMatch): boolean {
  return matched_by !== 'none' && matched_by !== 'sender_only';
}

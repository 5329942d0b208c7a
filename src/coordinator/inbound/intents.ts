import { AUTOMATIC_INTENTS, type Policy } from '../../core/gate/policy.ts';
import type { ClassifiedInbound } from '../../core/inbound/inbound.ts';
import type { InboundMessagesRow, ReplyIntent } from '../../schema.gen.ts';

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

type Matched = Pick<InboundMessagesRow, 'kind' | 'matched_by' | 'source' | 'fault'>;

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
    default:
      return null;
  }
}

/**
 * Whether a reply's intent takes effect automatically: the rules are certain, the policy allows it, and our own id or token
 * proves whose it is. A From line alone only lets a person's words pause open work.
 */
export function actsByItself(
  { matched_by }: Pick<Matched, 'matched_by'>,
  read: ReadIntent | null,
  { reply_handling }: Pick<Policy, 'reply_handling'>,
): boolean {
  if (read === null || read.source !== 'rules' || !read.certain || !isOurs(matched_by)) return false;
  const automatic = AUTOMATIC_INTENTS.find((intent) => intent === read.intent);
  return automatic !== undefined && reply_handling.auto.includes(automatic);
}

/** Whether a message needs review. In a private mailbox, only a lead's mail concerns us. */
export function waitsForSomeone(
  message: Matched,
  read: ReadIntent | null,
  policy: Pick<Policy, 'reply_handling'>,
): boolean {
  const { kind, fault, matched_by, source } = message;
  if (fault !== null) return true;
  if (kind !== 'reply' && kind !== 'unsubscribe') return false;
  return matched_by === 'none' ? source === 'http' : !actsByItself(message, read, policy);
}

function isOurs(matched_by: Matched['matched_by']): boolean {
  return matched_by !== 'none' && matched_by !== 'sender_only';
}

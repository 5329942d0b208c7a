import { AUTOMATIC_INTENTS, type Policy } from '../../core/gate/policy.ts';
import type { ClassifiedInbound } from '../../core/inbound/inbound.ts';
import type { InboundMessagesRow, ReplyIntent } from '../../schema.gen.ts';

/** What an answer is taken for. `certain: false` is a guess. */
export type ReadIntent = { intent: ReplyIntent; source: 'rules' | 'model'; certain: boolean };

/**
 * A model that reads answers. It has no tool and returns one of the intents, or null; whatever a message talks it into,
 * what it says is only shown to who decides.
 */
export type Classify = (answer: {
  subject: string;
  text: string;
}) => Promise<{ intent: ReplyIntent; certain: boolean } | null>;

type Matched = Pick<InboundMessagesRow, 'kind' | 'matched_by' | 'source' | 'fault'>;

/** By the rules; by the model where they are not certain and it says something. */
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
 * Whether what an answer asks for is done at once: the rules are certain of it, the policy lets them, and our own id or
 * token says whose it is. By a From line alone nothing is, but that a person's words pause what is open.
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

/** Whether somebody has to look at a message. Of somebody's own mailbox only what is a lead's concerns us. */
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

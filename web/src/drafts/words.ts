import type { StepContent } from '../steps/step.ts';
import { localTime } from '../ui/time.tsx';
import type { Background } from './background.ts';
import type { Draft, Status } from './entries.ts';

type ReplyIntent = NonNullable<Background['thread'][number]['intent']>;

/** Tab labels. */
export const TAB_WORDS: Record<Status, string> = {
  drafted: 'Pending',
  approved: 'Approved',
  held: 'Held',
  sent: 'Sent',
  failed: 'Failed',
  unknown: 'Unknown',
  rejected: 'Rejected',
};

/** Titles and texts of empty tabs. */
export const EMPTY_WORDS: Record<Status, { title: string; text: string }> = {
  drafted: {
    title: 'No drafts to review',
    text: 'Drafts appear here when a step is due. Nothing is sent until a person approves the exact text. To start, enroll leads from a lead’s page or after an import.',
  },
  approved: {
    title: 'No approved messages',
    text: 'Approved messages send once the undo window ends and every gate passes.',
  },
  held: {
    title: 'No held messages',
    text: 'Messages over a lead’s touch cap wait here and send automatically when they fit.',
  },
  sent: {
    title: 'No sent messages',
    text: 'Messages that a mail server accepted or that you sent by hand appear here.',
  },
  failed: {
    title: 'No failed messages',
    text: 'Messages that could not be drafted, or that a mail server rejected, appear here with the reason.',
  },
  unknown: {
    title: 'No unknown deliveries',
    text: 'If the connection drops while a message is handed over, its delivery is unknown. Such a message is never resent; you confirm what happened.',
  },
  rejected: {
    title: 'No rejected drafts',
    text: 'Rejected drafts stay here with the reason. Press R to reject a draft.',
  },
};

const GOAL_WORDS: Readonly<Record<string, string>> = {
  awareness: 'awareness',
  pipeline: 'pipeline',
  credibility: 'credibility',
  marketing_relief: 'marketing relief',
};

export function goalWords(goal: string): string {
  return GOAL_WORDS[goal] ?? goal.replaceAll('_', ' ');
}

const FALLBACK_WORDS: Readonly<Record<string, string>> = {
  model_budget_spent: 'its daily budget was spent',
  model_unavailable: 'it was unavailable',
  model_refused: 'it refused',
  model_answer_invalid: 'its text broke the draft rules',
};

/** Source of a text, after its author’s name. */
export function sourceWords({
  written_with,
  fallback_reason,
}: Pick<Draft, 'written_with' | 'fallback_reason'>): string {
  switch (written_with) {
    case 'model':
      return ' with the language model';
    case 'template':
      return ' from the step’s template';
    case 'fallback': {
      const reason = fallback_reason ?? '';
      const why =
        FALLBACK_WORDS[reason] ?? (reason.replaceAll('_', ' ') || 'for a reason that was not recorded');
      return ` from the template, without the language model: ${why}`;
    }
    case null:
      return '';
  }
}

export const INTENT_WORDS: Readonly<Record<ReplyIntent, string>> = {
  interested: 'interested',
  meeting: 'wants to meet',
  question: 'question',
  not_now: 'not now',
  not_interested: 'not interested',
  unsubscribe: 'unsubscribe request',
  wrong_person: 'wrong person',
  out_of_office: 'out of office',
  other: 'other',
};

export const CONTENT_WORDS: Readonly<Record<StepContent['content_type'], string>> = {
  follow_up: 'follow-up',
  proof: 'proof',
  boss_arming: 'arguments for their boss',
  campaign_visibility: 'visibility for the company',
  personal_visibility: 'visibility for the person',
  marketing_relief: 'marketing relief',
  close: 'close',
  exit: 'farewell',
};

/** Send time of an approved message: the start of the lead's send window, or as soon as the gates pass. */
export function leavesWords(leaves_at: string | null): string {
  return leaves_at === null
    ? 'Sends when every gate passes.'
    : `Sends on ${localTime(leaves_at)}, in the lead’s send window.`;
}

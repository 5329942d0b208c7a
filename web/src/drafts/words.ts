import type { StepContent } from '../steps/step.ts';
import { localTime } from '../ui/time.tsx';
import type { Background } from './background.ts';
import type { Draft, Status } from './entries.ts';

type ReplyIntent = NonNullable<Background['thread'][number]['intent']>;

/** What a status is called on its tab. */
export const TAB_WORDS: Record<Status, string> = {
  drafted: 'Waiting for you',
  approved: 'Approved',
  held: 'Held',
  sent: 'Sent',
  failed: 'Failed',
  unknown: 'Unclear',
  rejected: 'Rejected',
};

/** What stands where a tab is empty, and how something gets there. */
export const EMPTY_WORDS: Record<Status, { title: string; text: string }> = {
  drafted: {
    title: 'Nothing waits for you',
    text: 'When a step of a campaign falls due, its message is drafted and appears here. Nothing leaves before a person has approved exactly this text. To make one appear, start a campaign for leads: on a lead’s page, or at the end of an import.',
  },
  approved: {
    title: 'Nothing is on its way',
    text: 'An approved message stays here for some seconds, in which you can take the approval back, and then until the gate lets it go and the mail server has taken it.',
  },
  held: {
    title: 'Nothing is held',
    text: 'A message that would be one too many for its reader waits here and goes on by itself as soon as it fits. You will see until when, and why.',
  },
  sent: {
    title: 'Nothing has been sent yet',
    text: 'What the mail server has taken, and what you sent yourself.',
  },
  failed: {
    title: 'Nothing has failed',
    text: 'A message that could not be drafted, or that the mail server refused for good, comes here with the reason.',
  },
  unknown: {
    title: 'Nothing is unclear',
    text: 'If the line breaks at the very moment a message is handed over, nobody can know whether it went. It is never sent again by itself; you look and say what happened.',
  },
  rejected: {
    title: 'Nothing has been rejected',
    text: 'What somebody said no to stays here with the reason, so that others see it and the next text can be better. Reject a draft with R.',
  },
};

const GOAL_WORDS: Readonly<Record<string, string>> = {
  awareness: 'to be known',
  pipeline: 'to meet buyers',
  credibility: 'to be trusted',
  marketing_relief: 'to have marketing taken off their hands',
};

export function goalWords(goal: string): string {
  return GOAL_WORDS[goal] ?? goal.replaceAll('_', ' ');
}

const FALLBACK_WORDS: Readonly<Record<string, string>> = {
  model_budget_spent: 'the day’s budget for the language model was spent',
  model_unavailable: 'it could not be reached',
  model_refused: 'it refused',
  model_answer_invalid: 'its answer broke the rules for drafts',
};

/** Who or what wrote a text, after its author’s name. */
export function sourceWords({
  written_with,
  fallback_reason,
}: Pick<Draft, 'written_with' | 'fallback_reason'>): string {
  switch (written_with) {
    case 'model':
      return ' with the language model';
    case 'template':
      return ' from the template of the step';
    case 'fallback': {
      const reason = fallback_reason ?? '';
      const why =
        FALLBACK_WORDS[reason] ?? (reason.replaceAll('_', ' ') || 'for a reason that was not recorded');
      return ` from the template, since the language model did not: ${why}`;
    }
    case null:
      return '';
  }
}

export const INTENT_WORDS: Readonly<Record<ReplyIntent, string>> = {
  interested: 'interested',
  meeting: 'wants to meet',
  question: 'asks something',
  not_now: 'not now',
  not_interested: 'not interested',
  unsubscribe: 'wants no more',
  wrong_person: 'the wrong person',
  out_of_office: 'is away',
  other: 'something else',
};

export const CONTENT_WORDS: Readonly<Record<StepContent['content_type'], string>> = {
  follow_up: 'follow-up',
  proof: 'proof',
  boss_arming: 'arguments for their boss',
  campaign_visibility: 'visibility for the company',
  personal_visibility: 'visibility for the person',
  marketing_relief: 'work taken off marketing',
  close: 'the close',
  exit: 'the farewell',
};

/** When an approved message leaves: at the start of its lead's sending hours, or as soon as the gates pass it. */
export function leavesWords(leaves_at: string | null): string {
  return leaves_at === null
    ? 'It leaves when the gate lets it.'
    : `It leaves on ${localTime(leaves_at)}, within the sending hours of its lead.`;
}

import type { TaskType } from '../api/schema.d.ts';
import type { Goal } from './hand_off.ts';

export const GOALS: readonly { goal: Goal; label: string }[] = [
  { goal: 'awareness', label: 'To be known' },
  { goal: 'pipeline', label: 'To meet buyers' },
  { goal: 'credibility', label: 'To be trusted' },
  { goal: 'marketing_relief', label: 'To have marketing taken off their hands' },
];

/** What an outcome is called before it is asked for in earnest, and after. */
export const OUTCOME_WORDS: Readonly<Record<string, { before: string; after: string; is_good: boolean }>> = {
  allow: { before: 'Would be let in now', after: 'Let in', is_good: true },
  hold: { before: 'Would wait', after: 'Waits', is_good: true },
  queue: { before: 'Would wait in line', after: 'Waits in line', is_good: true },
  block: { before: 'Would not be let in', after: 'Not let in', is_good: false },
  refuse: { before: 'Would be refused', after: 'Refused', is_good: false },
  already_enrolled: { before: 'Is in it already', after: 'Was in it already', is_good: false },
  already_waiting: { before: 'Waits for it already', after: 'Was waiting for it already', is_good: false },
  closed: { before: 'Nobody is let in now', after: 'Nobody is let in now', is_good: false },
};

export const TYPE_WORDS: Record<TaskType, string> = {
  meeting_booked: 'Route a meeting',
  enroll_contact: 'Put into a campaign',
  execute_sequence_step: 'Write a message',
  process_reply: 'Read an answer',
  exit_contact: 'End a sequence',
};

export const SHOWN = ['meetings', 'routed', 'open', 'claimed', 'failed'] as const;
export type Shown = (typeof SHOWN)[number];

export const TAB_WORDS: Record<Shown, string> = {
  meetings: 'Meetings',
  routed: 'Routed',
  open: 'Open work',
  claimed: 'In work',
  failed: 'Failed',
};

export const EMPTY_WORDS: Record<Shown, { title: string; text: string }> = {
  meetings: {
    title: 'No meeting waits to be routed',
    text: 'When a sequence ends in a meeting, its lead waits here for a person to say which campaign comes next. Say “Interested” or “Wants to meet” of a reply, and it appears.',
  },
  routed: {
    title: 'No meeting was routed yet',
    text: 'Once a person has said where a lead goes after its meeting, it stays here: to which campaigns, when, by whom and with which notes, and what the gate answered. What still waits for that is under Meetings.',
  },
  open: {
    title: 'No work waits',
    text: 'Role agents write messages, read answers and put leads into campaigns. What none of them has taken yet stands here.',
  },
  claimed: {
    title: 'Nobody is at work',
    text: 'What an agent has taken stands here, with who has it and until when. If it is not done by then, another may take it.',
  },
  failed: {
    title: 'Nothing failed for good',
    text: 'What was tried five times, or given up, comes here with the reason. Clear it up, then have it tried again.',
  },
};

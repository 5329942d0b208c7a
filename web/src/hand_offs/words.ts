import type { TaskType } from '../api/schema.d.ts';
import type { Goal } from './hand_off.ts';

export const GOALS: readonly { goal: Goal; label: string }[] = [
  { goal: 'awareness', label: 'Awareness' },
  { goal: 'pipeline', label: 'Pipeline' },
  { goal: 'credibility', label: 'Credibility' },
  { goal: 'marketing_relief', label: 'Marketing relief' },
];

type Tone = 'good' | 'wait' | 'bad';

/** Label of a gate outcome, in the preview and after routing. */
export const OUTCOME_WORDS: Readonly<Record<string, { before: string; after: string; tone: Tone }>> = {
  allow: { before: 'Ready to enroll', after: 'Enrolled', tone: 'good' },
  hold: { before: 'Would be held', after: 'Held', tone: 'wait' },
  queue: { before: 'Would be queued', after: 'Queued', tone: 'wait' },
  block: { before: 'Would be blocked', after: 'Blocked', tone: 'bad' },
  refuse: { before: 'Would be refused', after: 'Refused', tone: 'bad' },
  already_enrolled: { before: 'Already enrolled', after: 'Already enrolled', tone: 'bad' },
  already_waiting: { before: 'Already requested', after: 'Already requested', tone: 'bad' },
  unreachable: { before: 'No step reaches the lead', after: 'No step reaches the lead', tone: 'bad' },
  closed: { before: 'Enrollment closed', after: 'Enrollment closed', tone: 'bad' },
};

export const TYPE_WORDS: Record<TaskType, string> = {
  meeting_booked: 'Route a meeting',
  entry_requested: 'Decide about an enrollment',
  enroll_contact: 'Enroll a lead',
  execute_sequence_step: 'Draft a message',
  process_reply: 'Classify a reply',
};

export const SHOWN = ['meetings', 'routed', 'open', 'claimed', 'failed'] as const;
export type Shown = (typeof SHOWN)[number];

export const TAB_WORDS: Record<Shown, string> = {
  meetings: 'To route',
  routed: 'Routed',
  open: 'Open tasks',
  claimed: 'In progress',
  failed: 'Failed',
};

export const EMPTY_WORDS: Record<Shown, { title: string; text: string }> = {
  meetings: {
    title: 'Nothing to route',
    text: 'Leads with a booked meeting, and requests to enroll a lead in a restricted campaign, appear here until someone decides. To add a meeting, mark a reply as interested or as a meeting.',
  },
  routed: {
    title: 'Nothing routed yet',
    text: 'Routed leads stay here with their campaigns, notes, and gate decisions.',
  },
  open: {
    title: 'No open tasks',
    text: 'Role agents draft messages, classify replies, and enroll leads. Unclaimed tasks appear here.',
  },
  claimed: {
    title: 'No tasks in progress',
    text: 'Tasks an agent has claimed, and when each lease ends. After that, another agent may claim the task.',
  },
  failed: {
    title: 'No failed tasks',
    text: 'Tasks that failed five times, or were given up, appear here with the reason. Fix the cause, then retry.',
  },
};

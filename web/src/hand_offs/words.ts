import type { TaskType } from '../api/schema.d.ts';
import type { Goal } from './hand_off.ts';

export const GOALS: readonly { goal: Goal; label: string }[] = [
  { goal: 'awareness', label: 'Awareness' },
  { goal: 'pipeline', label: 'Pipeline' },
  { goal: 'credibility', label: 'Credibility' },
  { goal: 'marketing_relief', label: 'Marketing relief' },
];

/** Label of a gate outcome, in the preview and after routing. */
export const OUTCOME_WORDS: Readonly<Record<string, { before: string; after: string; is_good: boolean }>> = {
  allow: { before: 'Ready to enroll', after: 'Enrolled', is_good: true },
  hold: { before: 'Would be held', after: 'Held', is_good: true },
  queue: { before: 'Would be queued', after: 'Queued', is_good: true },
  block: { before: 'Would be blocked', after: 'Blocked', is_good: false },
  refuse: { before: 'Would be refused', after: 'Refused', is_good: false },
  already_enrolled: { before: 'Already enrolled', after: 'Already enrolled', is_good: false },
  already_waiting: { before: 'Already requested', after: 'Already requested', is_good: false },
  closed: { before: 'Enrollment closed', after: 'Enrollment closed', is_good: false },
};

export const TYPE_WORDS: Record<TaskType, string> = {
  meeting_booked: 'Route a meeting',
  entry_requested: 'Decide about an enrollment',
  enroll_contact: 'Enroll a lead',
  execute_sequence_step: 'Draft a message',
  process_reply: 'Classify a reply',
  exit_contact: 'End an enrollment',
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
    text: 'Leads with a booked meeting appear here until you route them, and so do enrollment requests for a restricted campaign. To add a meeting, mark a reply as interested or as a meeting.',
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

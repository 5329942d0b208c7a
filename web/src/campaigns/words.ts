import type { EnrollmentStatus, QueueStatus } from '../api/schema.d.ts';
import type { Campaign, CampaignStatus, Enrollment, ExitReason, ExitTarget } from './campaign.ts';

export const STATUS_WORDS: Record<CampaignStatus, string> = {
  active: 'Active',
  paused: 'Paused',
  archived: 'Archived',
};

export const TYPE_WORDS: Record<Campaign['type'], string> = {
  event: 'Event',
  membership: 'Membership',
  platform: 'Platform',
  onboarding: 'Onboarding',
  play: 'Play',
};

export const SIDE_WORDS: Record<Campaign['side'], string> = {
  marketing: 'Marketing',
  sales: 'Sales',
  service: 'Service',
  none: 'None',
};

export const SEQUENCE_WORDS: Record<Campaign['sequence_type'], string> = {
  nurture: 'Nurture',
  prospecting: 'Prospecting',
  closing: 'Closing',
  onboarding: 'Onboarding',
  transactional: 'Transactional',
};

export const SEND_RULE_WORDS: Record<Campaign['send_rule'], string> = {
  approve_each: 'A person approves each message',
  pre_approved: 'Send automatically from an approved template',
  notify_rep: 'Notify the rep, who sends it',
};

export const ENTRY_WORDS: Record<Campaign['entry'], string> = {
  open: 'Any request',
  routed: 'Routed by a person',
  executive: 'Decided by an executive',
};

export const APPROVER_WORDS: Record<Campaign['approvers'], string> = {
  anyone: 'Anyone who works',
  owner: 'The lead’s owner',
  sender: 'The owner of the mailbox',
  executive: 'An executive',
};

export const EXIT_WORDS: Record<ExitReason, string> = {
  converted: 'Converted',
  meeting: 'Meeting',
  registered: 'Registered',
  no_engagement: 'No reply',
  rejected: 'Rejected',
};

const OTHER_EXITS: Readonly<Record<string, string>> = {
  compliance_block: 'Unsubscribed or opted out',
  campaign_archived: 'Campaign archived',
  left_company: 'Wrong person or left company',
  unreachable: 'Lead unreachable',
  play_retired: 'Play retired',
  unknown: 'No reason recorded',
};

export function exitWords(reason: string): string {
  return (
    (EXIT_WORDS as Readonly<Record<string, string>>)[reason] ??
    OTHER_EXITS[reason] ??
    reason.replaceAll('_', ' ')
  );
}

/** "Close campaign", "a person decides; suggested: Close campaign". */
export function targetWords(target: ExitTarget, nameOf: (slug: string) => string): string {
  if (target === null) return 'no next campaign';
  if (typeof target === 'string') return nameOf(target);
  return target.suggest === null
    ? 'a person decides'
    : `a person decides; suggested: ${nameOf(target.suggest)}`;
}

const ENROLLMENT_WORDS: Record<EnrollmentStatus, string> = {
  active: 'Active',
  paused: 'Paused',
  converted: 'Converted',
  rejected: 'Rejected',
  timed_out: 'Timed out',
};

export { ENROLLMENT_WORDS };

const ON_ITS_WAY_WORDS: Partial<Record<QueueStatus, string>> = {
  pending: 'is being drafted',
  drafted: 'is pending approval',
  approved: 'is approved and sends when every gate passes',
  held: 'is held',
  unknown: 'has unknown delivery',
};

/** Status of the open touch, for example "Step 1 is pending approval"; null if there is none. */
export function onItsWayWords({
  open_step,
  open_status,
}: Pick<Enrollment, 'open_step' | 'open_status'>): string | null {
  const words = open_status === null ? undefined : ON_ITS_WAY_WORDS[open_status];
  return words === undefined ? null : `Step ${open_step} ${words}`;
}

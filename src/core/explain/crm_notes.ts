/** Notes and tasks for the CRM about touches, replies, and deals: plain text. */

import type { Channel, ReplyIntent, TouchOutcome } from '../../schema.gen.ts';
import { CHANNELS } from '../channels.ts';
import { exitWords } from './words.ts';

export type CrmNote = { title: string; text: string };

export type TouchNoteFacts = {
  /** `sent`; `unknown`: the delivery is unknown; `settled`: it was unknown before. */
  part: 'sent' | 'unknown' | 'settled';
  channel: Channel;
  /** Null if the step no longer exists. */
  content_type: string | null;
  campaign_name: string;
  step_number: number;
  touched_at: Date;
  outcome: TouchOutcome;
};

export function touchNote(facts: TouchNoteFacts): CrmNote {
  const { part, channel, content_type, campaign_name, step_number, touched_at, outcome } = facts;
  const { label } = CHANNELS[channel];
  const went = outcome === 'void' ? 'was not sent' : 'was sent';
  const what =
    part === 'sent' ? 'sent' : part === 'unknown' ? 'delivery unknown' : `delivery confirmed: it ${went}`;
  const lines = [
    `Channel: ${label}`,
    ...(content_type === null ? [] : [`Content type: ${content_type}`]),
    `Date: ${touched_at.toISOString()}`,
    `Campaign: ${campaign_name}, step ${step_number}`,
  ];
  return { title: `${label}: ${what}`, text: lines.join('\n') };
}

export function replyNote(facts: {
  intent: ReplyIntent | null;
  received_at: Date;
  campaign_name: string | null;
}): CrmNote {
  const { intent, received_at, campaign_name } = facts;
  const lines = [
    `Intent: ${intent === null ? 'none' : intent.replaceAll('_', ' ')}`,
    `Date: ${received_at.toISOString()}`,
    ...(campaign_name === null ? [] : [`Campaign: ${campaign_name}`]),
  ];
  return {
    title: intent === null ? 'Reply' : `Reply: ${intent.replaceAll('_', ' ')}`,
    text: lines.join('\n'),
  };
}

/** The task of a deal's owner after a sequence that neither won nor lost it. One line. */
export function openDealTask(campaign_name: string, exit_reason: string | null): string {
  return `Decide how to continue this deal: the sequence “${campaign_name}” ended because ${exitWords(exit_reason)}.`;
}

/** Why a deal was lost, as an opportunity shows it. */
export function lostReason(exit_reason: string | null): string {
  const words = exitWords(exit_reason);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

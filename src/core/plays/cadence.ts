/** The steps of a play, from its suggested_cadence (specification of SalesPlayLibrary). */
import { CHANNEL_VALUES, type Channel, type ContentType, type WhenUnreachable } from '../../schema.gen.ts';
import { isPersonal } from '../channels.ts';

export type SuggestedCadence = {
  steps?: readonly SuggestedStep[];
  /** The slug of a campaign whose steps the play uses. */
  campaign_template?: string;
  touch_count?: number;
  channel_mix?: Partial<Record<Channel, number>>;
};

export type SuggestedStep = {
  delay_days: number;
  channel: Channel;
  content_type: ContentType;
  template_instructions: string;
  requires_personal_send?: boolean;
  when_unreachable?: WhenUnreachable;
  template?: { subject?: string; body: string };
};

/** A step in the form of a campaign's. */
export type PlayStep = {
  step_number: number;
  delay_days: number;
  channel: Channel;
  content_type: ContentType;
  template_instructions: string;
  subject_template: string | null;
  body_template: string | null;
  requires_personal_send: boolean;
  when_unreachable: WhenUnreachable;
};

type ChannelMix = Partial<Record<Channel, number | undefined>>;
type CadenceFault = { path: string; message: string };

/** The steps that a cadence spells out, numbered from 1. */
export function spelledSteps(steps: readonly SuggestedStep[]): PlayStep[] {
  return numbered(
    steps.map(({ template, requires_personal_send = false, when_unreachable = 'skip', ...step }) => ({
      ...step,
      subject_template: template?.subject ?? null,
      body_template: template?.body ?? null,
      requires_personal_send,
      when_unreachable,
    })),
  );
}

/** Steps in order, without gaps. */
export function numbered(steps: readonly Omit<PlayStep, 'step_number'>[]): PlayStep[] {
  return steps.map((step, at) => ({
    ...step,
    step_number: at + 1,
    requires_personal_send: isPersonal(step),
  }));
}

/** Contradictions between a cadence's counts and its steps. */
export function cadenceFaults(
  { touch_count, channel_mix }: { touch_count?: number | undefined; channel_mix?: ChannelMix | undefined },
  steps: readonly { channel: string }[],
): CadenceFault[] {
  const faults: CadenceFault[] = [];
  if (touch_count !== undefined && touch_count !== steps.length)
    faults.push({ path: 'touch_count', message: `there are ${steps.length} steps` });
  if (channel_mix === undefined) return faults;
  for (const channel of CHANNEL_VALUES) {
    const count = steps.filter((step) => step.channel === channel).length;
    if ((channel_mix[channel] ?? 0) !== count)
      faults.push({ path: `channel_mix.${channel}`, message: `there are ${count} of them` });
  }
  return faults;
}

import type { TaskType } from '../schema.gen.ts';

/** Tasks that only a person decides, by routing the lead: a booked meeting, and a requested entry into a restricted campaign. */
export const HAND_OFF_TYPES = ['meeting_booked', 'entry_requested'] as const satisfies readonly TaskType[];

export function isHandOff(type: string | null): type is (typeof HAND_OFF_TYPES)[number] {
  return (HAND_OFF_TYPES as readonly (string | null)[]).includes(type);
}

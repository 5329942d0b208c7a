import type { StepContent } from '../steps/step.ts';

/** Returns true if a value of a play is one of its steps. */
export function isStep(value: unknown): value is StepContent {
  return typeof value === 'object' && value !== null && 'delay_days' in value && 'content_type' in value;
}

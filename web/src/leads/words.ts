import type { Answer } from '../api/client.ts';

type CadenceState = Answer<'/leads', 'get'>['items'][number]['cadence_state'];

/** Where a lead stands, in the words of the cadence. */
export const STATE_WORDS: Record<CadenceState, string> = {
  idle: 'Idle',
  nurture: 'Nurture',
  prospecting: 'Prospecting',
  closing: 'Closing',
  onboarding: 'Onboarding',
  customer: 'Customer',
  paused: 'Paused',
};

export const GATE_WORDS: Readonly<Record<string, string>> = {
  compliance: 'May we contact this person?',
  abm_backstop: 'Does ABM work the account?',
  touch_cap: 'Was there enough already?',
  concurrency: 'Does another side go first?',
  transition: 'Does it fit where they stand?',
};

export const SAYS_WORDS: Readonly<Record<string, string>> = {
  pass: 'Yes, go on',
  hold: 'Not now',
  queue: 'Wait in line',
  block: 'No',
  refuse: 'Refused',
};

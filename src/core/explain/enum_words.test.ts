import { describe, expect, it } from 'vitest';
import {
  CADENCE_STATE_VALUES,
  CHANNEL_VALUES,
  type Channel,
  FLAG_KIND_VALUES,
  SEQUENCE_TYPE_VALUES,
  SUPPRESSED_REASON_VALUES,
  type SuppressedReason,
  TOUCH_RESULT_VALUES,
  WAKE_CONDITION_VALUES,
  type WakeCondition,
  WHEN_UNREACHABLE_VALUES,
} from '../../schema.gen.ts';
import { CHANNELS, RESULT_WORDS } from '../channels.ts';
import { REASONS } from '../gate/gates.ts';
import { unreachableWords } from '../gate/unreachable.ts';
import { WAKES } from '../gate/wakes.ts';
import { SEQUENCE_WORDS, STATE_WORDS } from '../gate/words.ts';
import { flagSentence } from './flag_words.ts';
import { reasonWords } from './gates.ts';
import { stepWords } from './words.ts';

/* Every value of every displayed enum has its own words, and none is shown as the enum spells it. */

type Words = readonly [name: string, values: readonly string[], say: (value: never) => string];

const step = { step_number: 1, campaign_name: 'Fair' };
const WORDS: readonly Words[] = [
  ['the state of a lead', CADENCE_STATE_VALUES, (value) => STATE_WORDS[value]],
  ['a channel', CHANNEL_VALUES, (value: Channel) => CHANNELS[value].label],
  ['a step on a channel', CHANNEL_VALUES, (channel) => stepWords({ ...step, channel })],
  ['a warning', FLAG_KIND_VALUES, (value) => flagSentence(value, {})],
  ['a sequence', SEQUENCE_TYPE_VALUES, (value) => SEQUENCE_WORDS[value]],
  ['a reason', SUPPRESSED_REASON_VALUES, (value: SuppressedReason) => REASONS[value].label],
  ['a reason by its rule', SUPPRESSED_REASON_VALUES, (value) => reasonWords(value, null)],
  ['the result of a touch', TOUCH_RESULT_VALUES, (value) => RESULT_WORDS[value]],
  ['the end of a wait', WAKE_CONDITION_VALUES, (value: WakeCondition) => WAKES[value].until],
  [
    'a step out of reach',
    WHEN_UNREACHABLE_VALUES,
    (when_unreachable) =>
      unreachableWords([{ step_number: 1, channel: 'email', missing: 'email', when_unreachable }]),
  ],
];

describe.each(WORDS)('%s', (_, values, say) => {
  it.each(values)('%s', (value) => {
    const words = say(value as never);
    expect(words).toMatch(/\p{L}/u);
    expect(words).not.toMatch(/undefined|[a-z]_[a-z]/);
  });

  it('has one wording for each value', () => {
    expect(new Set(values.map((value) => say(value as never))).size).toBe(values.length);
  });
});

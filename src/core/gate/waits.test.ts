import { expect, test } from 'vitest';
import { facts } from '../../../test/gate/facts.ts';
import type { Decision } from './decision.ts';
import { keepEarlierEnd, type Wait } from './waits.ts';

const NOW_MS = 1_000;
const decision = (over: Partial<Decision>): Decision => ({
  facts: facts(),
  outcome: 'queue',
  reason: 'conflict_resolved_queued',
  until_ms: 9_000,
  wake: 'at_until',
  losers: [],
  loser_until_ms: null,
  outranked: [],
  flags: [],
  notify_agents: [],
  touches_in_window: 0,
  trace: [],
  ...over,
});
const before = (over: Partial<Wait> = {}): Wait => ({
  reason: 'conflict_resolved_queued',
  until_ms: 5_000,
  ...over,
});

test.each<[string, Partial<Decision>, Partial<Wait>, number | null]>([
  ['the same reason keeps its end', {}, {}, 5_000],
  ['a shorter wait counts', { until_ms: 4_000 }, {}, 4_000],
  ['a wait that is over starts again', {}, { until_ms: NOW_MS }, 9_000],
  ['a wait without an end begins now', {}, { until_ms: null }, 9_000],
  ['another reason starts another wait', {}, { reason: 'illegal_transition' }, 9_000],
  ['a wait for an event has no hours', { until_ms: null, wake: 'other_side_ends' }, {}, null],
  [
    'a wait for the caps follows the ledger',
    { outcome: 'hold', reason: 'touch_cap_exceeded' },
    { reason: 'touch_cap_exceeded' },
    9_000,
  ],
])('%s', (_name, over, was, until_ms) => {
  expect(keepEarlierEnd(decision(over), before(was), NOW_MS).until_ms).toBe(until_ms);
});

import { describe, expect, test } from 'vitest';
import { active, facts, HOUR, MOMENTS, SIDES, TIERS, TYPES } from '../../../../test/gate/facts.ts';
import { defaultPolicy, parsePolicy } from '../../../coordinator/gate/policy_document.ts';
import type { Facts, IcpTier } from '../facts.ts';
import { decide } from '../gates.ts';
import { concurrency } from './concurrency.ts';

const policy = defaultPolicy();
const flag_only = parsePolicy({ t3_sales: 'flag_only' });
const two_per_side = parsePolicy({ t3_sales: 'flag_only', sequences_per_side: { sales: 2, marketing: 2 } });
const NOW = facts().now_ms;
const ROUTING_ERROR = [{ kind: 'routing_error', for_agent: 'AGT-202' }];

/** The signals of sales and marketing, and which one the specification considers fresher. */
const SIGNALS = [
  ['sales newer', NOW - 1, NOW - 2, 'sales_fresher'],
  ['marketing newer', NOW - 2, NOW - 1, 'marketing_fresher'],
  ['equal', NOW - 1, NOW - 1, 'sales_fresher'],
  ['only sales', NOW - 1, null, 'sales_fresher'],
  ['only marketing', null, NOW - 1, 'marketing_fresher'],
  ['neither', null, null, 'sales_fresher'],
] as const;

/** The specification's matrix: winner, and the hours the loser is queued. */
const MATRIX = {
  T1: { sales_fresher: ['sales', null], marketing_fresher: ['sales', null] },
  T2: { sales_fresher: ['sales', 48], marketing_fresher: ['marketing', 48] },
  T3: { sales_fresher: ['marketing', null], marketing_fresher: ['marketing', null] },
} as const;

const ROWS = TIERS.flatMap((tier) =>
  SIGNALS.flatMap(([signals, sales_signal_at_ms, marketing_signal_at_ms, recency]) =>
    (['sales', 'marketing'] as const).flatMap((side) =>
      MOMENTS.map((moment) => {
        return { tier, signals, sales_signal_at_ms, marketing_signal_at_ms, recency, side, moment };
      }),
    ),
  ),
);

describe('the conflict matrix: tier, recency, side, and moment', () => {
  test.each(ROWS)('$tier, $signals, $side $moment', (row) => {
    const { tier, recency, side, moment, sales_signal_at_ms, marketing_signal_at_ms } = row;
    const counts_as: IcpTier = tier ?? 'T2';
    const other = side === 'sales' ? 'marketing' : 'sales';
    const sequence_type = side === 'sales' ? 'prospecting' : 'nurture';
    const running = [active(other, 'e-1'), active(side, 'e-own'), active(other, 'e-2')];
    const asked = facts({ icp_tier: tier, side, moment, sequence_type, active_sequences: running });
    const answer = concurrency.ask({ ...asked, sales_signal_at_ms, marketing_signal_at_ms }, two_per_side);

    const [winner, hours] = MATRIX[counts_as][recency];
    const until_ms = hours === null ? null : NOW + hours * HOUR;
    expect(answer.trace.because).toBe(`${counts_as.toLowerCase()}_${recency}`);
    expect(answer.trace.saw).toEqual({
      side,
      icp_tier: tier,
      counts_as,
      sales_signal_at_ms,
      marketing_signal_at_ms,
      winner,
      other_side_active: ['e-1', 'e-2'],
    });
    expect(answer.flags).toEqual(counts_as === 'T3' && side === 'sales' ? ROUTING_ERROR : []);
    if (winner === side) {
      expect(answer).toMatchObject({ trace: { says: 'pass' }, reason: null, until_ms: null, wake: null });
      expect(answer).toMatchObject({ losers: ['e-1', 'e-2'], loser_until_ms: until_ms });
    } else {
      const wake = hours === null ? 'other_side_ends' : 'at_until';
      expect(answer).toMatchObject({ trace: { says: 'queue' }, reason: 'conflict_resolved_queued' });
      expect(answer).toMatchObject({ until_ms, wake, losers: [], loser_until_ms: null });
    }
  });
});

describe('sequences of one side', () => {
  const E = 'prospecting';
  type Running = [type: Facts['sequence_type'], priority: number];
  /** Asker, what runs, the asker's place among them (null: requested), places, and the answer. */
  const TABLE: readonly [string, Running, Running[], number | null, number | null, string, string[]][] = [
    ['alone', [E, 0], [], null, 1, 'other_side_inactive', []],
    ['an equal request waits', [E, 0], [[E, 0]], null, 1, 'side_full', []],
    ['a lower request waits', [E, -1], [[E, 0]], null, 1, 'side_full', []],
    ['a higher request goes first', [E, 1], [[E, 0]], null, 1, 'outranks_same_side', ['e-0']],
    ['closing goes before prospecting', ['closing', 0], [[E, 0]], null, 1, 'outranks_same_side', ['e-0']],
    ['nurture waits for prospecting', ['nurture', 0], [[E, 0]], null, 1, 'side_full', []],
    [
      'priority counts before the type',
      ['nurture', 1],
      [['onboarding', 0]],
      null,
      1,
      'outranks_same_side',
      ['e-0'],
    ],
    ['the earlier of equals runs', [E, 0], [[E, 0]], 0, 1, 'outranks_same_side', ['e-0']],
    ['the later of equals waits', [E, 0], [[E, 0]], 1, 1, 'side_full', []],
    ['a second place is free', [E, 0], [[E, 0]], null, 2, 'other_side_inactive', []],
    [
      'both places are taken',
      [E, 0],
      [
        [E, 0],
        [E, 0],
      ],
      null,
      2,
      'side_full',
      [],
    ],
    [
      'the last in order yields',
      [E, 1],
      [
        [E, 0],
        [E, 2],
        [E, 0],
      ],
      null,
      2,
      'outranks_same_side',
      ['e-0', 'e-2'],
    ],
    [
      'the later of two equals yields',
      [E, 1],
      [
        [E, 0],
        [E, 0],
      ],
      null,
      2,
      'outranks_same_side',
      ['e-1'],
    ],
    [
      'no limit',
      [E, -5],
      [
        [E, 0],
        [E, 0],
        [E, 0],
      ],
      null,
      null,
      'other_side_inactive',
      [],
    ],
    ['transactional takes no place', [E, 0], [['transactional', 9]], null, 1, 'other_side_inactive', []],
  ];

  test.each(TABLE)(
    '%s',
    (_, [sequence_type, priority], running, earlier_count, places, because, outranked) => {
      const active_sequences = running.map(([type, its], at) => ({
        ...active('sales', `e-${at}`, type),
        priority: its,
      }));
      const sequences_per_side = { sales: places, marketing: 1 };
      for (const moment of MOMENTS) {
        const asked = facts({ moment, sequence_type, priority, active_sequences, earlier_count });
        const answer = concurrency.ask(asked, { ...policy, sequences_per_side });
        expect(answer).toMatchObject({ trace: { because }, outranked, losers: [] });
        if (because !== 'side_full') continue;
        expect(answer).toMatchObject({ trace: { says: 'queue' }, reason: 'same_side_queued' });
        expect(answer).toMatchObject({ until_ms: null, wake: 'same_side_ends' });
      }
    },
  );

  test.each(SIDES)('the other sides do not count for %s', (side) => {
    const others = SIDES.filter((other) => other !== side).map((other) => active(other));
    const answer = concurrency.ask(facts({ side, active_sequences: others }), policy);
    expect(answer.reason).not.toBe('same_side_queued');
  });

  test('a request may go before its own side and win against the other', () => {
    const running = [active('marketing'), { ...active('sales'), priority: -1 }];
    expect(decide(facts({ icp_tier: 'T1', active_sequences: running }), policy)).toMatchObject({
      outcome: 'allow',
      losers: ['e-marketing'],
      outranked: ['e-sales'],
    });
  });
});

describe('sales on T3', () => {
  const t3: Partial<Facts> = { icp_tier: 'T3', side: 'sales' };

  test.each([[[]], [[active('marketing')]]])(
    'a request is refused while marketing is active: %o',
    (active_sequences) => {
      const answer = concurrency.ask(facts({ ...t3, active_sequences }), policy);
      expect(answer).toMatchObject({
        trace: {
          says: 'refuse',
          because: 't3_sales',
          saw: { side: 'sales', icp_tier: 'T3', counts_as: 'T3' },
        },
        reason: 'sales_on_t3',
        until_ms: null,
        wake: null,
        flags: ROUTING_ERROR,
        losers: [],
      });
    },
  );

  test.each(['dispatched', 'sent'] as const)('a running enrollment is paused when %s', (moment) => {
    const answer = concurrency.ask(facts({ ...t3, moment }), policy);
    expect(answer).toMatchObject({
      trace: { says: 'queue', because: 't3_sales' },
      reason: 'sales_on_t3',
      until_ms: NOW + 24 * HOUR,
      wake: 'at_until',
      flags: ROUTING_ERROR,
    });
  });

  test.each(MOMENTS)('flag_only on an otherwise idle lead passes with the flag when %s', (moment) => {
    const decision = decide(facts({ ...t3, moment }), flag_only);
    expect(decision).toMatchObject({ outcome: 'allow', flags: ROUTING_ERROR, losers: [] });
  });

  test('the flag remains when a later gate ends the decision', () => {
    const decision = decide(facts({ ...t3, cadence_state: 'customer' }), flag_only);
    expect(decision).toMatchObject({ outcome: 'refuse', reason: 'illegal_transition', flags: ROUTING_ERROR });
  });

  test('marketing on T3 raises no routing error', () => {
    const answer = concurrency.ask(
      facts({ icp_tier: 'T3', side: 'marketing', sequence_type: 'nurture' }),
      policy,
    );
    expect(answer).toMatchObject({ trace: { says: 'pass', because: 'other_side_inactive' }, flags: [] });
  });

  test('a lead without a tier counts as T3 only if the policy says so', () => {
    const unknown = facts({ icp_tier: null, side: 'sales' });
    expect(concurrency.ask(unknown, policy).trace.says).toBe('pass');
    expect(concurrency.ask(unknown, parsePolicy({ unknown_tier: 'T3' })).trace.because).toBe('t3_sales');
  });

  test('the flag goes to the agent that the policy names', () => {
    const other = parsePolicy({ routing_error_agent: 'AGT-201' });
    expect(concurrency.ask(facts(t3), other).flags).toEqual([
      { kind: 'routing_error', for_agent: 'AGT-201' },
    ]);
  });
});

describe('sequence types that conflict', () => {
  const pairs = SIDES.flatMap((side) => SIDES.map((other) => ({ side, other })));

  test.each(pairs)('$side requests while $other is active', ({ side, other }) => {
    const answer = concurrency.ask(
      facts({ side, icp_tier: 'T1', active_sequences: [active(other)] }),
      two_per_side,
    );
    const conflict = [side, other].sort().join() === 'marketing,sales';
    if (conflict) expect(answer.trace.because).toBe('t1_sales_fresher');
    else {
      const competes = side === 'sales' || side === 'marketing';
      const because = competes ? 'other_side_inactive' : 'side_conflicts_with_none';
      expect(answer).toMatchObject({
        trace: { says: 'pass', because, saw: { side } },
        losers: [],
        loser_until_ms: null,
      });
    }
  });

  test.each(TYPES)('%s requests sales while marketing is active', (sequence_type) => {
    const asked = facts({ sequence_type, icp_tier: 'T3', active_sequences: [active('marketing')] });
    const expected = sequence_type === 'transactional' ? 'transactional' : 't3_sales';
    expect(concurrency.ask(asked, policy).trace.because).toBe(expected);
  });

  test('a running transactional sequence neither wins nor pauses', () => {
    const receipt = active('marketing', 'e-receipt', 'transactional');
    const asked = facts({ icp_tier: 'T1', active_sequences: [receipt, active('marketing', 'e-2')] });
    expect(concurrency.ask(asked, policy).losers).toEqual(['e-2']);
    expect(concurrency.ask({ ...asked, active_sequences: [receipt] }, policy).losers).toEqual([]);
  });

  test('no enrollment is paused when a later gate ends the decision', () => {
    const winning = facts({
      icp_tier: 'T1',
      active_sequences: [active('marketing')],
      cadence_state: 'nurture',
    });
    expect(decide(winning, policy)).toMatchObject({ outcome: 'allow', losers: ['e-marketing'] });
    const illegal = decide({ ...winning, cadence_state: 'customer' }, policy);
    expect(illegal).toMatchObject({ outcome: 'refuse', losers: [], loser_until_ms: null });
  });

  test('the loser of a T2 conflict returns after 48 h', () => {
    const winning = facts({ active_sequences: [active('marketing')] });
    expect(decide(winning, policy).loser_until_ms).toBe(NOW + 48 * HOUR);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  active,
  anyFacts,
  DAY,
  facts,
  HINDRANCES,
  MOMENTS,
  SIDES,
  STATES,
  TIERS,
  TYPES,
  touch,
} from '../../../test/gate/facts.ts';
import {
  BOUNCED,
  decided,
  enrollment,
  event,
  history,
  item,
  names,
  say,
  UGLY,
} from '../../../test/gate/histories.ts';
import { defaultPolicy, parsePolicy } from '../../coordinator/gate/policy_document.ts';
import { CADENCE_STATE_VALUES } from '../../schema.gen.ts';
import type { Facts } from '../gate/facts.ts';
import { decide, GATES } from '../gate/gates.ts';
import type { Policy } from '../gate/policy.ts';
import { explainLead } from './explain.ts';
import { gateSentence, readTrace } from './gates.ts';
import { explainText, type RequestAnswered, requestText } from './text.ts';
import { speaker } from './words.ts';

describe('every decision has an explanation', () => {
  const about = { speaker: speaker(names, 'Europe/Berlin'), window_hours: 168 };
  const check = (asked: Facts, policy: Policy, reached: Set<string>) => {
    const decision = decide(asked, policy);
    for (const trace of decision.trace) {
      reached.add(`${trace.gate}.${trace.because}`);
      expect(gateSentence(trace, about)).not.toMatch(UGLY);
    }
    expect(say(decided(asked.moment, decision))).not.toMatch(UGLY);
  };

  test('for all types, sides, tiers, and states, reaching every case that a gate declares', () => {
    const reached = new Set<string>();
    const { now_ms } = facts();
    const full = [now_ms, now_ms - DAY, now_ms - 2 * DAY].map((ms) => touch(ms));
    const two_per_side = parsePolicy({ sequences_per_side: { sales: 2, marketing: 2 } });
    const both_active = { active_sequences: [active('sales'), active('marketing')] };
    const hindrances: Partial<Facts>[] = [
      {},
      ...Object.values(HINDRANCES).flat(),
      { touches: full },
      { touches: full.slice(0, 1) },
      { touches: full.map((one) => ({ ...one, at_ms: one.at_ms - 2 * DAY, local_day: '2026-11-10' })) },
      both_active,
    ];
    const conflicts: Partial<Facts>[] = [
      both_active,
      { ...both_active, marketing_signal_at_ms: now_ms - DAY },
      { ...both_active, conflict_since_ms: now_ms - 2 * DAY },
    ];
    const kinds = TYPES.flatMap((sequence_type) =>
      SIDES.flatMap((side) =>
        TIERS.flatMap((icp_tier) =>
          STATES.map((cadence_state) => ({ sequence_type, side, icp_tier, cadence_state })),
        ),
      ),
    );
    for (const moment of MOMENTS) {
      for (const kind of kinds) {
        for (const hindrance of hindrances)
          check(facts({ moment, ...kind, ...hindrance }), defaultPolicy(), reached);
        for (const conflict of conflicts)
          check(facts({ moment, ...kind, ...conflict }), two_per_side, reached);
      }
    }
    const zero = parsePolicy({ touch_cap: { max_touches_per_window: 0 } });
    check(facts(), zero, reached);
    check(facts({ now_ms: Number.NaN }), defaultPolicy(), reached);
    const t3 = facts({ side: 'sales', icp_tier: 'T3', ...both_active });
    check(t3, { ...two_per_side, t3_sales: 'flag_only' }, reached);
    const lower = [{ ...active('sales'), priority: -1 }];
    check(facts({ active_sequences: lower }), defaultPolicy(), reached);
    const declared = GATES.flatMap(({ name, cases }) => Object.keys(cases).map((word) => `${name}.${word}`));
    expect([...reached].sort()).toEqual(declared.sort());
  });

  test('for any facts', () => {
    const policy = parsePolicy({ t3_sales: 'flag_only' });
    fc.assert(
      fc.property(anyFacts(policy), (asked) => check(asked, policy, new Set())),
      { numRuns: 500 },
    );
  });

  test('a retired word still has an explanation', () => {
    const [trace] = readTrace([{ gate: 'touch_cap', says: 'hold', because: 'full_moon', saw: {} }]);
    expect(gateSentence(trace!, about)).toBe('The gate answered “full moon”.');
    expect(readTrace('nonsense')).toEqual([]);
    expect(readTrace([null, 3, {}, { gate: 'x' }])).toEqual([]);
  });
});

describe('summary', () => {
  test.each(CADENCE_STATE_VALUES)(
    'of a lead that is %s has two to four sentences and no ids',
    (cadence_state) => {
      const lead = { ...history().lead, cadence_state };
      for (const enrollments of [
        [],
        [enrollment()],
        [enrollment(), enrollment({ id: 'e2', status: 'paused', wake: 'never' })],
      ]) {
        const { summary } = explainLead(history({ lead, enrollments }));
        expect(summary).not.toMatch(UGLY);
        expect(summary).toMatch(/^Ada Lovelace of Engines is /);
      }
    },
  );

  test('describes an empty lead', () => {
    const nobody = { ...history().lead, first_name: null, last_name: null, company: null };
    const turned = { ...nobody, company: 'Snow\u202eball' };
    expect(explainLead(history({ lead: turned })).summary).toContain('Snowball');
    expect(explainLead(history({ lead: nobody })).summary).toBe(
      'ada@engines.example is idle: in no campaign; no activity yet. ' +
        '0 of at most 3 touches count in the last 7 days; 1 touch available now. ' +
        'Nothing is planned.',
    );
  });

  test.each([{ unsubscribe_flag: true }, { opt_out_flag: true }, { suppressions: [BOUNCED] }])(
    'reports no remaining touches for a lead that must not be contacted: %j',
    (blocked) => {
      const explanation = explainLead(history({ lead: { ...history().lead, ...blocked } }));
      expect(explanation.window.next_free_at).toBeNull();
      const text = explainText(explanation);
      expect(text).toContain('No touches allowed.');
      expect(text).not.toMatch(/fits now|fits from/);
    },
  );

  test('does not repeat what comes next', () => {
    const explanation = explainLead(history({ enrollments: [enrollment()] }));
    expect(explanation.next).not.toHaveLength(0);
    for (const { text } of explanation.next) expect(explanation.summary).not.toContain(text);
    expect(explanation.summary).toMatch(/Next: waiting|The next step is (waiting|due)/);
  });
});

describe('the answer to a request', () => {
  const { trace } = decide(facts({ unsubscribe_flag: true }), defaultPolicy());
  const answer = {
    request_id: 'r1',
    outcome: 'allow',
    reason: null,
    until: null,
    wake: null,
    trace,
    unreachable_steps: [],
    hand_off_id: null,
    blocked_by: null,
    left_company_at: null,
  } as const;
  const until = '2026-11-25T12:00:00.000Z';
  const reason = 'touch_cap_exceeded' as const;
  const says = (over: Partial<RequestAnswered>) =>
    requestText({ ...answer, trace: [], ...over }).split('\n')[0];

  test('is one sentence', () => {
    expect(says({})).toBe('Enrolled; step 1 is drafted next.');
    const linkedin = { step_number: 1, channel: 'linkedin', missing: 'linkedin_url' } as const;
    expect(says({ unreachable_steps: [{ ...linkedin, when_unreachable: 'skip' }] })).toBe(
      'Enrolled; step 2 is drafted next. The lead has no LinkedIn profile: step 1 (LinkedIn): skipped.',
    );
    expect(says({ unreachable_steps: [{ ...linkedin, when_unreachable: 'ask' }] })).toBe(
      'Enrolled. The lead has no LinkedIn profile: step 1 (LinkedIn): the enrollment pauses.',
    );
    expect(says({ outcome: 'hold', until, reason })).toBe(
      'Held until Wed, Nov 25, 2026, 12:00 PM UTC: the lead has reached the touch cap.',
    );
    expect(says({ outcome: 'queue', wake: 'other_side_ends', reason: 'conflict_resolved_queued' })).toBe(
      'Queued until the other side’s enrollment ends: the other side has priority.',
    );
    expect(says({ outcome: 'block', reason: 'compliance_block', trace })).toBe(
      'Blocked: the lead unsubscribed.',
    );
    const blocked_by = 'lena@acme.example is on the suppression list (asked by phone, Admin, Nov 24)';
    const lacking = [{ ...linkedin, when_unreachable: 'ask' }] as const;
    const blocked = { outcome: 'block', reason: 'compliance_block', unreachable_steps: lacking } as const;
    expect(says({ ...blocked, blocked_by })).toBe(`Blocked: ${blocked_by}.`);
    expect(says({ left_company_at: until })).toBe(
      'Enrolled; step 1 is drafted next. The lead wrote on Nov 25 that they left or are the wrong person.',
    );
    expect(says({ outcome: 'refuse', reason: 'illegal_transition' })).toMatch(/^Refused: the sequence/);
    const on_t3 = decide(facts({ icp_tier: 'T3', side: 'sales' }), defaultPolicy());
    expect(says({ ...on_t3, until: null })).toBe('Refused: T3 leads belong to marketing.');
    expect(says({ request_id: null })).toBe('Dry run, nothing changed. Result: enrolled.');
  });

  test('names every gate that ran', () => {
    const [, ...lines] = requestText(answer).split('\n');
    expect(lines[0]).toBe('  Compliance: blocked. The lead unsubscribed. No message may be sent.');
    expect(lines.join(' ')).not.toMatch(UGLY_CODES);
  });
});

const UGLY_CODES = /undefined|null|[a-z]_[a-z]/;

describe('text for terminals', () => {
  const decision = decide(
    facts({ abm_active: true, sequence_type: 'nurture', side: 'marketing' }),
    defaultPolicy(),
  );
  const events = [event(), decided('requested', decision)];
  const text = explainText(explainLead(history({ events, enrollments: [enrollment()], items: [item()] })));

  test('has a heading for each part and lines of at most 100 columns', () => {
    for (const heading of [
      'WHAT COMES NEXT',
      'WHAT WAS NOT SENT, AND WHY',
      'WHAT HAPPENED',
      'TOUCHES THAT COUNT',
    ]) {
      expect(text).toContain(`\n${heading}\n`);
    }
    for (const line of text.split('\n')) expect([...line].length).toBeLessThanOrEqual(100);
    expect(text).toContain('    ABM backstop: blocked. ');
    expect(text).toContain('    Compliance: passed. ');
    expect(text).not.toMatch(/undefined|null/);
  });

  test('removes terminal commands from names', () => {
    const lead = { ...history().lead, first_name: '\u001b[2J\u0007Ada' };
    const page = explainText(explainLead(history({ lead, events: [event({ campaign_name: 'a\r\nb' })] })));
    expect(page.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });
});

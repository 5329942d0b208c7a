import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  active,
  anyFacts,
  DAY,
  facts,
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
  NOW,
  names,
  say,
  UGLY,
} from '../../../test/gate/histories.ts';
import { defaultPolicy, parsePolicy } from '../../coordinator/gate/policy_document.ts';
import { CADENCE_STATE_VALUES } from '../../schema.gen.ts';
import type { Facts } from '../gate/facts.ts';
import { decide } from '../gate/gates.ts';
import type { Policy } from '../gate/policy.ts';
import { explainLead } from './explain.ts';
import { gateSentence, hasGateWords, readTrace } from './gates.ts';
import { explainText, type RequestAnswered, requestText } from './text.ts';
import { speaker } from './words.ts';

describe('every decision explains', () => {
  const about = { speaker: speaker(names, 'Europe/Berlin'), window_hours: 168 };
  const check = (asked: Facts, policy: Policy, reached: Set<string>) => {
    const decision = decide(asked, policy);
    for (const trace of decision.trace) {
      reached.add(`${trace.gate}.${trace.because}`);
      expect(hasGateWords(trace), `${trace.gate}.${trace.because}`).toBe(true);
      expect(gateSentence(trace, about)).not.toMatch(UGLY);
    }
    expect(say(decided(asked.moment, decision))).not.toMatch(UGLY);
  };

  test('of a table of all types, sides, tiers and states', () => {
    const reached = new Set<string>();
    const full = [NOW, NOW - DAY, NOW - 2 * DAY].map((ms) => touch(ms));
    const hindrances: Partial<Facts>[] = [
      {},
      { unsubscribe_flag: true },
      { opt_out_flag: true },
      { suppressed_address: true },
      { abm_active: true },
      { touches: full },
      { touches: full.slice(0, 1) },
      { touches: full.map((one) => ({ ...one, at_ms: one.at_ms - 2 * DAY, local_day: '2026-11-20' })) },
      { active_sequences: [active('sales'), active('marketing')] },
      { active_sequences: [active('sales'), active('marketing')], marketing_signal_at_ms: NOW - DAY },
    ];
    for (const moment of MOMENTS) {
      for (const sequence_type of TYPES) {
        for (const side of SIDES) {
          for (const icp_tier of TIERS) {
            for (const cadence_state of STATES) {
              for (const hindrance of hindrances) {
                const asked = {
                  moment,
                  sequence_type,
                  side,
                  icp_tier,
                  cadence_state,
                  now_ms: NOW,
                  ...hindrance,
                };
                check(facts(asked), defaultPolicy(), reached);
              }
            }
          }
        }
      }
    }
    const zero = parsePolicy({ touch_cap: { max_touches_per_window: 0 } });
    check(facts(), zero, reached);
    check(facts({ now_ms: Number.NaN }), defaultPolicy(), reached);
    check(
      facts({ side: 'sales', icp_tier: 'T3', active_sequences: [active('marketing')] }),
      parsePolicy({ t3_sales: 'flag_only' }),
      reached,
    );
    // Every word in src/core/gates, t3_marketing_fresher of the flag_only policy excepted.
    expect(reached.size).toBeGreaterThanOrEqual(29);
  });

  test('of any facts', () => {
    const policy = parsePolicy({ t3_sales: 'flag_only' });
    fc.assert(
      fc.property(anyFacts(policy), (asked) => check(asked, policy, new Set())),
      { numRuns: 500 },
    );
  });

  test('a word that nobody knows any more is still said', () => {
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

  test('an empty lead', () => {
    const nobody = { ...history().lead, first_name: null, last_name: null, company: null };
    const turned = { ...nobody, company: 'Snow\u202eball' };
    expect(explainLead(history({ lead: turned })).summary).toContain('Snowball');
    expect(explainLead(history({ lead: nobody })).summary).toBe(
      'ada@engines.example is idle: no sequence runs; nothing has happened yet. ' +
        '0 of at most 3 touches count in the last 7 days; one more fits now. ' +
        'Nothing is planned.',
    );
  });

  test.each([{ unsubscribe_flag: true }, { opt_out_flag: true }, { suppressions: [BOUNCED] }])(
    'offers no room to a lead that may not be written to: %j',
    (blocked) => {
      const explanation = explainLead(history({ lead: { ...history().lead, ...blocked } }));
      expect(explanation.window.next_free_at).toBeNull();
      const text = explainText(explanation);
      expect(text).toContain('Nothing may be sent.');
      expect(text).not.toMatch(/fits now|fits from/);
    },
  );

  test('does not repeat what comes next', () => {
    const explanation = explainLead(history({ enrollments: [enrollment()] }));
    expect(explanation.next).not.toHaveLength(0);
    for (const { text } of explanation.next) expect(explanation.summary).not.toContain(text);
    expect(explanation.summary).toMatch(/What comes next (waits|is due)/);
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
  } as const;
  const until = '2026-11-25T12:00:00.000Z';
  const reason = 'touch_cap_exceeded' as const;
  const says = (over: Partial<RequestAnswered>) => requestText({ ...answer, ...over }).split('\n')[0];

  test('is one sentence', () => {
    expect(says({})).toBe('Yes: enrolled; step 1 is drafted next.');
    const linkedin = { step_number: 1, channel: 'linkedin', missing: 'linkedin_url' } as const;
    expect(says({ unreachable_steps: [{ ...linkedin, when_unreachable: 'skip' }] })).toBe(
      'Yes: enrolled; step 2 is drafted next. The lead has no LinkedIn profile: step 1 (LinkedIn): skipped.',
    );
    expect(says({ unreachable_steps: [{ ...linkedin, when_unreachable: 'ask' }] })).toBe(
      'Yes: enrolled. The lead has no LinkedIn profile: step 1 (LinkedIn): the sequence waits for a person.',
    );
    expect(says({ outcome: 'hold', until, reason })).toBe(
      'Held until Wed 25 Nov 2026, 12:00 in UTC: the lead has had as many touches as are allowed.',
    );
    expect(says({ outcome: 'queue', wake: 'other_side_ends', reason: 'conflict_resolved_queued' })).toBe(
      'Queued until the other side’s sequence ends: the other side goes first.',
    );
    expect(says({ outcome: 'block', reason: 'compliance_block' })).toBe(
      'Blocked: this person must not be contacted.',
    );
    expect(says({ outcome: 'refuse', reason: 'illegal_transition' })).toMatch(/^Refused: the sequence/);
    const on_t3 = decide(facts({ icp_tier: 'T3', side: 'sales' }), defaultPolicy());
    expect(says({ ...on_t3, until: null })).toBe('Refused: sales never works on a T3 lead.');
    expect(says({ request_id: null })).toBe('Dry run, nothing changed. The gate would say: yes.');
  });

  test('tells every gate that was asked', () => {
    const [, ...lines] = requestText(answer).split('\n');
    expect(lines[0]).toBe(
      '  Permission to write: blocks. The lead unsubscribed, so nobody may write to them, with anything.',
    );
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

  test('has a heading for each part, in lines of at most 100 columns', () => {
    for (const heading of [
      'WHAT COMES NEXT',
      'WHAT WAS NOT SENT, AND WHY',
      'WHAT HAPPENED',
      'TOUCHES THAT COUNT',
    ]) {
      expect(text).toContain(`\n${heading}\n`);
    }
    for (const line of text.split('\n')) expect([...line].length).toBeLessThanOrEqual(100);
    expect(text).toContain('    Account-based marketing: blocks. ');
    expect(text).toContain('    Permission to write: passes. ');
    expect(text).not.toMatch(/undefined|null/);
  });

  test('lets no name command the terminal', () => {
    const lead = { ...history().lead, first_name: '\u001b[2J\u0007Ada' };
    const page = explainText(explainLead(history({ lead, events: [event({ campaign_name: 'a\r\nb' })] })));
    expect(page.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });
});

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
} from '../../test/facts.ts';
import { decided, enrollment, event, history, item, NOW, names, say, UGLY } from '../../test/histories.ts';
import { defaultPolicy, parsePolicy } from '../coordinator/policy_document.ts';
import { CADENCE_STATE_VALUES } from '../schema.gen.ts';
import { explainLead } from './explain.ts';
import { gateSentence, hasGateWords, readTrace } from './explain_gates.ts';
import { explainText } from './explain_text.ts';
import { speaker } from './explain_words.ts';
import type { Facts } from './facts.ts';
import { decide } from './gates.ts';
import type { Policy } from './policy.ts';

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
    expect(explainLead(history({ lead: nobody })).summary).toBe(
      'ada@engines.example is idle: no sequence runs; nothing has happened yet. ' +
        '0 of at most 3 touches count in the last 7 days; one more fits now. ' +
        'Nothing is planned: no sequence runs and no request waits.',
    );
  });
});

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

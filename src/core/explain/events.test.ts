import { describe, expect, test } from 'vitest';
import { active, at, DAY, facts, touch } from '../../../test/gate/facts.ts';
import { DAVE, decided, event, history, NOW, names, say, UGLY } from '../../../test/gate/histories.ts';
import { defaultPolicy } from '../../coordinator/gate/policy_document.ts';
import { EVENT_TYPE_VALUES, SUPPRESSED_REASON_VALUES } from '../../schema.gen.ts';
import { decide, GATES } from '../gate/gates.ts';
import { explainEvent, explainLead } from './explain.ts';
import type { Asker, HistoryEvent } from './history.ts';

describe('events', () => {
  const resolutions = [
    null,
    'template',
    'person',
    'one_click',
    'import',
    'outside_gate',
    'no_engagement',
    'no_draft',
    'person_says_sent',
    'person_says_not_sent',
    'rejected_recipient',
    'business_hours',
    'compliance_block',
    'new_word',
  ];
  test.each(EVENT_TYPE_VALUES)(
    '%s has words for every actor, even when few facts are known',
    (event_type) => {
      for (const resolution of resolutions) {
        for (const actor of [
          ['human', DAVE],
          ['human', 'gone'],
          ['agent', 'roles.bdr'],
          ['coordinator', 'AGT-302'],
          ['system', 'setup'],
        ] as const) {
          for (const suppressed_reason of [null, ...SUPPRESSED_REASON_VALUES]) {
            const [actor_kind, actor_id] = actor;
            const bare = { step_number: null, channel: null, campaign_name: null };
            for (const over of [
              {},
              bare,
              { until: new Date(NOW + DAY), detail: { reason: 'why', next: 'after' } },
            ]) {
              const text = say(
                event({ event_type, resolution, actor_kind, actor_id, suppressed_reason, ...over }),
              );
              expect(text).not.toMatch(UGLY);
              expect(text).toMatch(/^[A-Z“].*[.”)]$/s);
            }
          }
        }
      }
    },
  );

  const PHRASES: [over: Partial<HistoryEvent>, text: string][] = [
    [{}, 'Step 2 of “After the fair” (an email) was sent.'],
    [
      { event_type: 'approved', actor_kind: 'human', actor_id: DAVE },
      'Dave approved the draft of step 2 of “After the fair” (an email).',
    ],
    [
      { event_type: 'draft_rejected', actor_kind: 'human', actor_id: DAVE, detail: { reason: 'too long' } },
      'Dave rejected the draft of step 2 of “After the fair” (an email) (“too long”); the touch was canceled.',
    ],
    [
      { event_type: 'drafted', resolution: 'model' },
      'Step 2 of “After the fair” (an email) was drafted by the language model.',
    ],
    [
      { event_type: 'drafted', actor_kind: 'agent', actor_id: 'roles.sales', channel: 'linkedin' },
      'Brooke (roles.sales) drafted step 2 of “After the fair” (a LinkedIn message).',
    ],
    [
      { event_type: 'deferred', resolution: 'business_hours', until: new Date(at('2026-11-25T08:00Z')) },
      'Step 2 of “After the fair” (an email) was deferred until Wed, Nov 25, 2026, 9:00 AM GMT+1: it was outside the send window.',
    ],
    [
      { event_type: 'exited', resolution: 'converted', detail: { next: 'after' } },
      '“After the fair” ended because the lead converted. “What comes after” follows if every gate passes.',
    ],
    [
      { event_type: 'exited', resolution: 'meeting', detail: { next: { gate: 'exec', suggest: 'after' } } },
      '“After the fair” ended because a meeting was booked. A person was asked to choose the next campaign; “What comes after” was suggested.',
    ],
    [
      {
        event_type: 'opted_out',
        resolution: 'one_click',
        actor_kind: 'system',
        actor_id: 'unsubscribe_link',
      },
      'The lead unsubscribed with the link in a message. All enrollments ended.',
    ],
    [
      { event_type: 'replied', resolution: 'in_reply_to', detail: { sender: 'suppressed' } },
      'Someone asked, from another address than the lead’s, to end our messages, in reply to step 2 of “After the fair” (an email). That address is suppressed, and a person decides about the lead.',
    ],
    [
      { event_type: 'bounced', resolution: 'other_suppressed', detail: { status: '5.1.1' } },
      'A report about step 2 of “After the fair” (an email) says that another address does not exist (5.1.1). That address is suppressed; the lead continues.',
    ],
    [
      { event_type: 'failed', resolution: 'rejected_recipient', detail: { response: '550 no such user' } },
      'Step 2 of “After the fair” (an email) failed: the mail server rejected the recipient (550 no such user).',
    ],
  ];
  test.each(PHRASES)('%j', (over, text) => expect(say(event(over))).toBe(text));

  test('the user who requested an enrollment, or who routed the lead, is named', () => {
    const enrolled = event({ event_type: 'enrolled', request_id: 'r1' });
    const says = (asker: Partial<Asker>) =>
      explainEvent(enrolled, { names, time_zone: 'UTC', askers: [requestOf(asker)] });
    expect(says({ requested_by_user_id: DAVE })).toBe(
      'The lead was enrolled in “After the fair”: Dave requested it, and every gate passed.',
    );
    expect(says({ requested_by_user_id: DAVE, entered_by: 'routing' })).toBe(
      'The lead was enrolled in “After the fair”: Dave routed the lead, and every gate passed.',
    );
  });

  test('a wait shows how often the gates answered, and the latest answer', () => {
    const queued = decided(
      'requested',
      decide(facts({ side: 'marketing', active_sequences: [active('sales')] }), defaultPolicy()),
    );
    const { resolution, trace } = queued;
    const days = { created_at: new Date('2026-01-04T12:00Z'), decided_at: new Date('2026-01-26T12:00Z') };
    const latest = requestOf({
      ...days,
      answer_count: 11,
      reason: 'conflict_resolved_queued',
      trace: trace!,
    });
    const says = (request: Asker) => {
      const asked = { ...queued, request_id: 'r1' };
      return explainEvent(asked, { names, time_zone: 'UTC', askers: [request] });
    };
    expect(resolution).toBe('t2_sales_fresher');
    expect(says(latest)).toContain(' Asked 11 times since Jan 4; last answer Jan 26: sales has priority.');
    expect(
      says({ ...latest, reason: null, trace: [{ gate: 'transition', says: 'pass', because: 'legal_move' }] }),
    ).toContain('last answer Jan 26: every gate passed.');
    expect(says({ ...latest, answer_count: 1 })).not.toContain('Asked');
    const other = [{ gate: 'concurrency', says: 'queue', because: 'side_full', saw: {} }];
    expect(says({ ...latest, reason: 'same_side_queued', trace: other })).not.toContain('Asked');
  });
});

/** A request that the gates answered once. */
function requestOf(over: Partial<Asker>): Asker {
  const at = new Date(NOW);
  const asked = { id: 'r1', requested_by: 'roles.sales', requested_by_user_id: null, entered_by: null };
  return { ...asked, answer_count: 1, created_at: at, decided_at: at, reason: null, trace: [], ...over };
}

describe('touches that were not sent', () => {
  test('a hold shows when it ends and the touches that the caps counted', () => {
    const touches = [NOW - 6 * DAY, NOW - 4 * DAY, NOW - 2 * DAY].map((ms) => touch(ms));
    const decision = decide(facts({ moment: 'dispatched', now_ms: NOW, touches }), defaultPolicy());
    const { not_sent, happened } = explainLead(
      history({ events: [event(), decided('dispatched', decision)] }),
    );
    const cap = GATES.findIndex(({ name }) => name === 'touch_cap');
    expect(happened).toHaveLength(1);
    expect(not_sent).toHaveLength(1);
    expect(not_sent[0]).toMatchObject({
      reason: 'touch_cap_exceeded',
      until: '2026-11-25T12:00:00.000Z',
      text:
        'Step 2 of “After the fair” (an email) was held until Wed, Nov 25, 2026, 1:00 PM GMT+1. ' +
        '3 of at most 3 touches in the last 7 days, 0 of at most 1 on the lead’s day. The window is full.',
      gates: [
        ...GATES.slice(0, cap).map(({ name }) => ({ gate: name, says: 'pass' })),
        { gate: 'touch_cap', says: 'hold' },
      ],
    });
  });

  test('under another policy the window has no length', () => {
    const decision = decide(
      facts({ touches: [touch(NOW), touch(NOW), touch(NOW)], now_ms: NOW }),
      defaultPolicy(),
    );
    const { not_sent } = explainLead(
      history({ policy_version: 2, events: [decided('requested', decision)] }),
    );
    expect(not_sent[0]!.text).toContain('in the rolling window');
    expect(not_sent[0]!.text).toMatch(
      /^The request for “After the fair” by Tara \(roles\.bdr\) was held until/,
    );
  });

  test('a lost conflict names both signals, the rule, and the winner', () => {
    const asked = facts({
      side: 'marketing',
      sequence_type: 'nurture',
      icp_tier: 'T1',
      now_ms: NOW,
      sales_signal_at_ms: at('2026-11-20T08:30Z'),
      active_sequences: [active('sales')],
      cadence_state: 'prospecting',
    });
    const { not_sent } = explainLead(
      history({ events: [decided('requested', decide(asked, defaultPolicy()))] }),
    );
    expect(not_sent[0]!.text).toBe(
      'The request for “After the fair” by Tara (roles.bdr) was queued until the other side’s enrollment ends. ' +
        'Sales is active on this lead too. The lead is T1; sales saw a signal on Fri, Nov 20, 2026, 9:30 AM GMT+1, ' +
        'marketing saw no signal. By the conflict rules, sales has priority and marketing waits.',
    );
  });

  test('says once that neither side saw a signal', () => {
    const asked = facts({
      side: 'marketing',
      sequence_type: 'nurture',
      now_ms: NOW,
      cadence_state: 'prospecting',
      icp_tier: 'T1',
      active_sequences: [active('sales')],
    });
    const { not_sent } = explainLead(
      history({ events: [decided('requested', decide(asked, defaultPolicy()))] }),
    );
    expect(not_sent[0]!.text).toContain(
      'The lead is T1; neither side saw a signal. By the conflict rules, sales',
    );
  });
});

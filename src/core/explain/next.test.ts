import { describe, expect, test } from 'vitest';
import { DAY } from '../../../test/gate/facts.ts';
import {
  BOUNCED,
  enrollment,
  event,
  history,
  item,
  NOW,
  request,
  UGLY,
} from '../../../test/gate/histories.ts';
import { parsePolicy } from '../../coordinator/gate/policy_document.ts';
import {
  CAMPAIGN_STATUS_VALUES,
  ENROLLMENT_STATUS_VALUES,
  QUEUE_STATUS_VALUES,
  REQUEST_STATUS_VALUES,
  WAKE_CONDITION_VALUES,
} from '../../schema.gen.ts';
import { explainLead } from './explain.ts';
import type { LeadHistory } from './history.ts';

describe('the next step', () => {
  const nextOf = (over: Partial<LeadHistory>) => explainLead(history(over)).next;

  test('is stated even when there is none', () => {
    expect(nextOf({})).toMatchObject(
      [{ at: null, waits_for: 'nothing', text: /^Nothing is planned/ }].map(({ at, waits_for }) => ({
        at,
        waits_for,
      })),
    );
    const stopped = history().lead;
    const stops = [{ unsubscribe_flag: true }, { opt_out_flag: true }, { suppressions: [BOUNCED] }];
    for (const stop of stops) {
      const next = nextOf({ lead: { ...stopped, ...stop }, items: [item({ status: 'approved' })] });
      expect(next).toHaveLength(1);
      expect(next[0]).toMatchObject({ at: null, waits_for: 'nothing' });
      expect(next[0]!.text).toMatch(/^Nothing will be sent/);
    }
  });

  test.each([
    ['pending', {}, 'nothing', /Brooke \(roles\.sales\) is drafting step 1/],
    ['drafted', {}, 'person', /A person reviews the draft of step 1 .* approves, edits, or rejects/],
    ['drafted', { requires_personal_send: true }, 'person', /sends it personally, and marks it sent/],
    ['approved', {}, 'nothing', /will be sent now if every gate passes/],
    [
      'approved',
      { scheduled_at: new Date(NOW + DAY) },
      'time',
      /will be sent on Wed, Nov 25, 2026, 1:00 PM GMT\+1 at the earliest/,
    ],
    ['approved', { requires_personal_send: true }, 'person', /A person sends step 1/],
    ['approved', { campaign_status: 'paused' }, 'person', /its campaign is paused/],
    [
      'held',
      { wake: 'at_until', held_until: new Date(NOW + DAY) },
      'time',
      /is held until Wed, Nov 25, 2026, 1:00 PM/,
    ],
    ['held', { wake: 'at_until', held_until: new Date(NOW - DAY) }, 'nothing', /the wait is over/],
    ['held', { wake: 'policy_changes' }, 'policy', /until the policy changes/],
    ['held', { wake: 'other_side_ends' }, 'other_sequence', /until the other side’s enrollment ends/],
    ['held', { wake: 'abm_ends' }, 'abm', /until ABM ends for the account/],
    ['held', { wake: 'lead_resumes' }, 'person', /until a person resumes the lead/],
    ['unknown', {}, 'person', /A person must confirm whether step 1/],
  ] as const)('a touch that is %s %j waits for %s', (status, over, waits_for, text) => {
    const [next] = nextOf({ items: [item({ status, ...over })] });
    expect(next).toMatchObject({ waits_for, campaign: 'fair', step_number: 1 });
    expect(next!.text).toMatch(text);
  });

  test('an approved touch waits for the caps and for sending hours', () => {
    const touches = [NOW - 6 * DAY, NOW - 4 * DAY, NOW - 2 * DAY].map((ms) => ({
      campaign_name: 'Another',
      channel: 'email' as const,
      sequence_type: 'nurture' as const,
      touched_at: new Date(ms),
      local_day: '2026-11-20',
      outcome: 'sent' as const,
    }));
    const { next, window, summary } = explainLead(
      history({ items: [item({ status: 'approved' })], touches }),
    );
    expect(next[0]).toMatchObject({ at: '2026-11-25T12:00:00.000Z', waits_for: 'time' });
    expect(window).toMatchObject({ touches_counted: 3, cap: 3, next_free_at: '2026-11-25T12:00:00.000Z' });
    expect(window.touches.map((one) => one.leaves_window_at)).toEqual([
      '2026-11-25T12:00:00.000Z',
      '2026-11-27T12:00:00.000Z',
      '2026-11-29T12:00:00.000Z',
    ]);
    expect(summary).toContain(
      '3 of at most 3 touches count in the last 7 days; 1 touch available from Wed, Nov 25, 2026, 1:00 PM',
    );
    const hours = parsePolicy({ business_hours: { enforce: true, start: '15:00' } });
    const [at_three] = nextOf({ items: [item({ status: 'approved' })], policy: hours });
    expect(at_three!.text).toContain('Tue, Nov 24, 2026, 3:00 PM GMT+1');
    const zero = parsePolicy({ touch_cap: { max_touches_per_window: 0 } });
    expect(nextOf({ items: [item({ status: 'approved' })], policy: zero })[0]).toMatchObject({
      waits_for: 'policy',
    });
  });

  test.each([
    [
      {},
      'time',
      /^Step 2 of 3 of “After the fair” \(a LinkedIn message\) is due on Thu, Nov 26, 2026, 1:00 PM/,
    ],
    [{ next_send_at: new Date(NOW - 1) }, 'nothing', /is due now/],
    [{ next_send_at: null }, 'nothing', /finished its last step/],
    [{ campaign_status: 'archived' }, 'person', /is on hold: its campaign is archived/],
    [
      { status: 'paused', wake: 'never', paused_reason: 'person: on holiday' },
      'person',
      /paused by a person \(“on holiday”\)/,
    ],
    [
      { status: 'paused', wake: 'other_side_ends', paused_reason: 'conflict_resolved_queued' },
      'other_sequence',
      /the other side has priority until the other/,
    ],
    [
      {
        status: 'paused',
        wake: 'at_until',
        paused_until: new Date(NOW + DAY),
        paused_reason: 'illegal_transition',
      },
      'time',
      /until Wed, Nov 25/,
    ],
    [{ status: 'paused', wake: 'abm_ends', paused_reason: 'abm_active_suppression' }, 'abm', /in ABM/],
  ] as const)('an enrollment %j waits for %s', (over, waits_for, text) => {
    const [next] = nextOf({ enrollments: [enrollment(over)] });
    expect(next).toMatchObject({ waits_for, campaign: 'fair' });
    expect(next!.text).toMatch(text);
  });

  test('actions for a person come first, then timed steps, then steps that wait for an event', () => {
    const next = nextOf({
      enrollments: [enrollment()],
      requests: [
        request({ wake: 'abm_ends' }),
        request({ wake: 'at_until', held_until: new Date(NOW + DAY) }),
      ],
      items: [item({ status: 'drafted' })],
    });
    expect(next.map(({ waits_for }) => waits_for)).toEqual(['person', 'time', 'time', 'abm']);
    expect(next[1]!.text).toMatch(
      /^The request of Marketing Nurture \(AGT-304\) for “After the fair” is queued until Wed, Nov 25/,
    );
    expect(next[2]!.text).toContain('once step 1 is done');
  });

  test('a touch that waits for its text appears once, not again as the step after itself', () => {
    const [first, ...rest] = nextOf({ enrollments: [enrollment({ current_step: 1 })], items: [item()] });
    expect(first!.text).toMatch(/is drafting step 1/);
    expect(rest).toEqual([]);
  });

  test('a touch whose text no one is writing waits for a person, with the reason', () => {
    const failed = { failed_task_id: 't1', failed_task_error: 'no profile' };
    const [next] = nextOf({ items: [item(failed)] });
    expect(next).toMatchObject({ waits_for: 'person', campaign: 'fair', step_number: 1 });
    expect(next!.text).toBe(
      'Drafting step 1 of “After the fair” (an email) failed (“no profile”). A person retries it (touchline tasks retry t1) or ends the enrollment.',
    );
  });

  test('the summary names the paused mailbox that an approved message waits for', () => {
    const paused = {
      status: 'approved',
      mailbox_address: 'ann@acme.example',
      mailbox_paused: '550',
    } as const;
    const { summary } = explainLead(history({ items: [item(paused)], enrollments: [enrollment()] }));
    expect(summary).toContain('a person to resume the mailbox ann@acme.example, which is paused.');
    expect(summary).not.toContain('waiting for a person.');
  });

  test.each([
    ['fair', 'route t1 fair, the campaign that its rules suggest)'],
    [null, 'route t1 CAMPAIGN)'],
  ])('a booked meeting waits for a person when the suggestion is %s', (suggested_slug, words) => {
    const asked = { suggested_name: null, requested_by: null, requested_by_user_id: null };
    const place = { created_at: new Date(NOW), campaign_name: 'After the fair', suggested_slug };
    const meeting = { id: 't1', type: 'meeting_booked' as const, ...place, ...asked };
    const { next, summary } = explainLead(history({ meetings: [meeting] }));
    expect(next).toMatchObject([{ waits_for: 'person' }]);
    expect(next[0]!.text).toContain('A meeting was booked in “After the fair” on Tue, Nov 24, 2026, 1:00 PM');
    expect(next[0]!.text).toContain(words);
    expect(summary).toContain('waiting for a person');
    const lead = { ...history().lead, opt_out_flag: true };
    const stopped = explainLead(history({ lead, meetings: [meeting] })).next;
    expect(stopped.map(({ waits_for }) => waits_for)).toEqual(['nothing', 'person']);
  });

  test.each([
    ['enroll_contact', 'Fair', 'Requesting enrollment for “Fair” failed (“gone”).'],
    ['process_reply', null, 'Classifying a reply failed (“gone”).'],
  ] as const)('work that no one is doing waits for a person: %s', (type, campaign_name, words) => {
    const task = { id: 't1', type, error: 'gone', campaign_name };
    const { next } = explainLead(history({ failed_tasks: [task] }));
    expect(next).toMatchObject([{ waits_for: 'person' }]);
    expect(next[0]!.text).toBe(`${words} A person can retry it (touchline tasks retry t1).`);
  });

  test('a suppressed address shows the reason and the date', () => {
    const lead = { ...history().lead, suppressions: [BOUNCED] };
    const exited = event({ event_type: 'exited', resolution: 'compliance_block', step_number: null });
    const { next, summary, not_sent } = explainLead(history({ lead, events: [exited] }));
    const since = 'the address has been suppressed since Tue, Nov 24, 2026, 1:00 PM GMT+1';
    expect(summary).toContain(`Nothing may be sent: ${since}.`);
    expect(next[0]!.text).toContain(`${since}. The mail server reported that this address does not exist`);
    const text = '“After the fair” ended because the lead may not be contacted.';
    expect(not_sent).toMatchObject([{ reason: 'compliance_block', text }]);
  });

  test('an enrollment that the gate paused names the rule', () => {
    const paused = { status: 'paused', wake: 'at_until', paused_until: new Date(NOW + DAY) } as const;
    const [next] = nextOf({
      enrollments: [enrollment({ ...paused, paused_reason: 'conflict_resolved_queued' })],
      events: [event({ suppressed_reason: 'conflict_resolved_queued', resolution: 't3_sales' })],
    });
    expect(next!.text).toContain(
      '“After the fair” is paused: T3 leads belong to marketing until Wed, Nov 25, 2026, 1:00 PM GMT+1; then the gates run again.',
    );
  });

  test('every combination of status and condition has words', () => {
    for (const campaign_status of CAMPAIGN_STATUS_VALUES) {
      for (const wake of [null, ...WAKE_CONDITION_VALUES]) {
        for (const until of [null, new Date(NOW - DAY), new Date(NOW + DAY)]) {
          const common = { campaign_status, wake };
          const things = nextOf({
            enrollments: ENROLLMENT_STATUS_VALUES.map((status) =>
              enrollment({ ...common, status, paused_until: until }),
            ),
            requests: REQUEST_STATUS_VALUES.map((status) =>
              request({ ...common, status, held_until: until }),
            ),
            items: QUEUE_STATUS_VALUES.map((status) =>
              item({ ...common, status, held_until: until, enrollment_id: 'e2' }),
            ),
          });
          for (const { text } of things) expect(text).not.toMatch(UGLY);
        }
      }
    }
  });
});

import { expect, test } from 'vitest';
import { FLAG_KIND_VALUES } from '../../schema.gen.ts';
import { flagSentence } from './flag_words.ts';

test.each([
  ['cap_warning', { max_touches_per_window: 3, window_hours: 168 }, 'One touch is left of 3 in 168 hours.'],
  ['concurrency', { winner: 'sales' }, 'Sales and marketing conflicted; sales continues.'],
  [
    'stall',
    { last_activity_at: '2026-11-24T12:00:00.000Z', waits_on: 'drafted' },
    'No activity since 2026-11-24: its draft is pending.',
  ],
  ['backlog', { paused_leads: 12 }, '12 leads of one user are paused.'],
  [
    'active_play_drift',
    { active_plays: 31, active_play_drift: 30 },
    '31 plays are active; more than 30 call for a review.',
  ],
  [
    'send_unknown',
    { response: '250 ok', late_reply: 'accepted' },
    'A person confirmed that a message was not sent; its mail server later reported that it had accepted it.',
  ],
  [
    'task_unclaimed',
    { role: 'roles.sales', task_type: 'process_reply', free_since: '2026-11-24T12:00:00.000Z' },
    'No agent is claiming tasks for roles.sales since 2026-11-24T12:00Z.',
  ],
  [
    'task_unclaimed',
    { task_type: 'meeting_booked', free_since: '2026-11-24T12:00:00.000Z' },
    'A booked meeting has not been routed since 2026-11-24T12:00Z.',
  ],
  ['task_dead_end', { error: 'the model is away.' }, 'A task failed: the model is away.'],
  [
    'reply_waiting',
    { intent: 'not_now' },
    'The lead replied (perhaps not now); the lead’s enrollments are paused.',
  ],
  [
    'reply_waiting',
    { intent: 'question', certain: true },
    'The lead replied (question); the lead’s enrollments are paused.',
  ],
  [
    'reply_waiting',
    { kind: 'auto_reply', intent: null },
    'An automatic reply says something that no rule knows; the lead’s enrollments are paused.',
  ],
  ['mailbox_health', { reason: 'too many bounces' }, 'A mailbox has a problem: too many bounces.'],
] as const)('%s', (kind, detail, says) => {
  expect(flagSentence(kind, detail)).toBe(says);
});

test('a mailbox has its name', () => {
  const detail = { address: 'ann@acme.example', reason: '550 no' };
  expect(flagSentence('mailbox_health', detail)).toBe('The mailbox ann@acme.example has a problem: 550 no.');
});

test.each(FLAG_KIND_VALUES)('%s without its facts is still a sentence', (kind) => {
  for (const detail of [{}, null, [], 'x', { waits_on: 'else', winner: {}, reason: null }]) {
    expect(flagSentence(kind, detail)).toMatch(/^[A-Z].*[^.]\.$/);
    expect(flagSentence(kind, detail)).not.toMatch(/null|undefined|\[object/);
  }
});

import { expect, test } from 'vitest';
import { FLAG_KIND_VALUES } from '../../schema.gen.ts';
import { flagSentence } from './flag_words.ts';

test.each([
  ['cap_warning', { max_touches_per_window: 3, window_hours: 168 }, 'One touch is left of 3 in 168 hours.'],
  ['concurrency', { winner: 'sales' }, 'Sales and marketing ran at once; sales goes on.'],
  [
    'stall',
    { last_activity_at: '2026-11-24T12:00:00.000Z', waits_on: 'drafted' },
    'Nothing happened since 2026-11-24: a draft waits for a person.',
  ],
  ['backlog', { paused_leads: 12 }, '12 leads of one person are paused.'],
  [
    'active_play_drift',
    { active_plays: 31, active_play_drift: 30 },
    '31 plays are active; more than 30 call for a review.',
  ],
  [
    'send_unknown',
    { response: '250 ok', late_reply: 'accepted' },
    'A person said that a message did not go; its mail server said later that it had taken it.',
  ],
  [
    'task_unclaimed',
    { role: 'roles.sales', task_type: 'process_reply', free_since: '2026-11-24T12:00:00.000Z' },
    'Nobody takes tasks of roles.sales since 2026-11-24T12:00Z.',
  ],
  [
    'task_unclaimed',
    { task_type: 'meeting_booked', free_since: '2026-11-24T12:00:00.000Z' },
    'A booked meeting waits for someone to route it since 2026-11-24T12:00Z.',
  ],
  ['task_dead_end', { error: 'the model is away.' }, 'A task failed for good: the model is away.'],
  ['reply_waiting', { intent: 'not_now' }, 'The lead answered (perhaps not now); its sequences are paused.'],
  ['mailbox_health', { reason: 'too many bounces' }, 'A mailbox is in trouble: too many bounces.'],
] as const)('%s', (kind, detail, says) => {
  expect(flagSentence(kind, detail)).toBe(says);
});

test('a mailbox has its name', () => {
  const detail = { address: 'ann@acme.example', reason: '550 no' };
  expect(flagSentence('mailbox_health', detail)).toBe('The mailbox ann@acme.example is in trouble: 550 no.');
});

test.each(FLAG_KIND_VALUES)('%s without its facts is still a sentence', (kind) => {
  for (const detail of [{}, null, [], 'x', { waits_on: 'else', winner: {}, reason: null }]) {
    expect(flagSentence(kind, detail)).toMatch(/^[A-Z].*[^.]\.$/);
    expect(flagSentence(kind, detail)).not.toMatch(/null|undefined|\[object/);
  }
});

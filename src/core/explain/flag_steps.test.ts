import { expect, test } from 'vitest';
import { FLAG_KIND_VALUES } from '../../schema.gen.ts';
import { flagNextStep } from './flag_steps.ts';

const flag = { id: 'F', subject: 'S', lead: 'ann@acme.example', detail: {} };

test.each([
  ['send_unknown', {}, 'touchline resolve S --went (or --no-went)'],
  ['send_unknown', { late_reply: 'accepted' }, 'touchline cancel S --reason TEXT'],
  ['send_unknown', { late_reply: 'accepted' }, 'touchline flags resolve F'],
  ['mailbox_health', { cause: 'paused' }, 'touchline mailbox resume S'],
  [
    'mailbox_health',
    { cause: 'unreadable' },
    'Check why its server cannot be read (user, password, IMAP). It is retried each hour.',
  ],
  ['mailbox_health', { cause: 'unreachable' }, 'touchline mailbox test S'],
  ['task_unclaimed', { role: 'roles.sales' }, 'touchline agents set roles.sales built_in'],
  ['task_unclaimed', { task_type: 'meeting_booked' }, 'touchline route S CAMPAIGN'],
  ['reply_waiting', {}, 'touchline reply S INTENT'],
  ['task_dead_end', {}, 'touchline tasks retry S'],
  ['routing_error', {}, 'touchline patch lead ann@acme.example --icp-tier T2'],
  ['stall', { waits_on: 'drafted' }, 'touchline drafts --status drafted'],
  ['stall', { waits_on: 'due' }, 'touchline explain ann@acme.example'],
] as const)('%s %o', (kind, detail, words) => {
  expect(flagNextStep({ ...flag, kind, detail })).toContain(words);
});

test.each(FLAG_KIND_VALUES)('%s says what to do even when few facts are known', (kind) => {
  for (const detail of [{}, null, [], 'x', { cause: 7, waits_on: {} }]) {
    expect(flagNextStep({ ...flag, kind, lead: null, detail })).toMatch(/^\S.*[^.]\.$/);
    expect(flagNextStep({ ...flag, kind, lead: null, detail })).not.toMatch(/null|undefined|\[object/);
  }
});

import { describe, expect, test } from 'vitest';
import { unmeasured } from '../bench/api/coverage.ts';
import type { Sample } from '../bench/api/samples.ts';
import { targetsOf } from '../bench/api/targets.ts';

const ID = '01900000-0000-7000-8000-000000000001';
const SAMPLE: Sample = {
  n: 1,
  lead_id: ID,
  email: 'lead1@',
  account_id: ID,
  worked_lead_id: ID,
  enrollment_id: ID,
  queue_id: ID,
  draft_id: ID,
  inbound_id: ID,
  meeting_id: ID,
  play_id: ID,
  webhook_id: ID,
  mailbox_id: ID,
  user_id: ID,
  opportunity_id: ID,
  proposal_id: ID,
};
const TARGETS = targetsOf({ samples: [SAMPLE], slugs: ['dreamborn'], now: new Date('2026-03-02T09:00:00Z') });

describe('targets of the API benchmark', () => {
  test('request every reading operation with each of its filters, or the operation is excluded with a reason', () => {
    expect(unmeasured(TARGETS)).toEqual([]);
  });

  test('an operation or filter that none requests is named', () => {
    const some = TARGETS.filter(({ name }) => name !== 'people' && name !== 'leads segment');
    expect(unmeasured(some)).toEqual(['list_people', 'list_leads ?segment']);
  });
});

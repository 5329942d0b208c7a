import { beforeAll, expect, it } from 'vitest';
import { transaction } from '../../src/db/pool.ts';
import * as deliveries from '../../src/db/queries/notification_deliveries.gen.ts';
import { lastEmailFailure } from '../../src/db/queries/notification_preferences.gen.ts';
import type { Statement } from '../../src/db/statement.ts';
import { testDatabase } from '../database.ts';
import { createWorld, DAY_MS, START } from '../world.ts';
import { discarding, planOf, rowsRead, scanned } from './plan.ts';

/* Two users with 20,000 notifications each. `late` never reads any, and 5,000 emails to `busy` are due. */

const { db } = await testDatabase({ statement_timeout_ms: 60_000 });
const EACH = 20_000;
const now = new Date(START);
const before = (days: number) => new Date(START - days * DAY_MS);
const [late, busy] = ['00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-00000000000b'];
let org_id: string;

beforeAll(async () => {
  ({ org_id } = await createWorld(db));
  const actor = { org_id, kind: 'coordinator', id: 'AGT-302' } as const;
  await transaction(db, actor, async (tx) => {
    await tx.query('SET LOCAL session_replication_role = replica');
    await tx.query(
      `INSERT INTO users (org_id, id, email, name, roles)
       SELECT $1, id, id || '@us.example', 'P', '{rep}' FROM unnest($2::uuid[]) id`,
      [org_id, [late, busy]],
    );
    // The newest is of now, and each is a minute older than the next. A week has about 10,000.
    await tx.query(
      `INSERT INTO notifications (org_id, id, to_user_id, kind, created_at)
       SELECT $1, id_at(at), who, 'stall', at
       FROM unnest($2::uuid[]) who, generate_series(1, ${EACH}) n,
         LATERAL (SELECT $3::timestamptz - n * interval '1 minute' AS at) t`,
      [org_id, [late, busy], now],
    );
    await tx.query(
      `INSERT INTO notification_deliveries
         (org_id, id, user_id, medium, notification_id, created_at, next_at, status, settled_at)
       SELECT org_id, id, to_user_id, 'email', id, created_at, created_at,
         CASE WHEN is_due THEN 'pending' ELSE 'delivered' END, CASE WHEN NOT is_due THEN created_at END
       FROM (SELECT *, to_user_id = $2 AND created_at > $3::timestamptz - interval '5000 minutes' AS is_due
             FROM notifications WHERE org_id = $1) n
       WHERE to_user_id = $2 OR created_at < $4`,
      [org_id, busy, now, before(1)],
    );
    await tx.query(
      `INSERT INTO notification_deliveries
         (org_id, id, user_id, medium, digest_on, digest_from, digest_until, created_at, next_at, status, settled_at)
       SELECT $1, gen_random_uuid(), $2, 'email', at::date, at - interval '1 day', at, at, at, 'delivered', at
       FROM generate_series($3::timestamptz - interval '30 days', $3, '1 day') at`,
      [org_id, late, new Date(START - 3_600_000)],
    );
  });
  await db.query('ANALYZE');
}, 60_000);

const CLAIM = { now, lease_until: new Date(START + 60_000), process_id: null, limit: 16 };
const span = { since: before(1), until: now };
const { claimNotificationDeliveries, queueDigests } = deliveries;

it.each([
  ['digests', queueDigests, { ...span, digest_on: '2026-12-24', now }, 4_000],
  ['news of a digest', deliveries.digestNews, { ...span, user_id: late, limit: 1_000 }, 4_000],
  ['due emails', claimNotificationDeliveries, { ...CLAIM, media: ['email'], busy: [] }, 20],
  [
    'due deliveries of others',
    claimNotificationDeliveries,
    { ...CLAIM, media: ['email'], busy: [`${busy} email`] },
    20,
  ],
  ['deliveries by webhook', claimNotificationDeliveries, { ...CLAIM, media: ['webhook'], busy: [] }, 20],
  ['failed emails', lastEmailFailure, { user_id: late }, 20],
  ['deliveries to forget', deliveries.forgetNotificationDeliveries, { before: before(13), limit: 50 }, 200],
] as const)('%s are read by index, and nothing of the past', async (_name, statement, rest, rows_max) => {
  const params = { org_id, ...rest } as never;
  const nodes = await planOf(db, org_id, statement as Statement<never, unknown>, params);
  expect(scanned(nodes).filter((table) => table?.startsWith('notification'))).toEqual([]);
  expect(discarding(nodes)).toEqual([]);
  expect(rowsRead(nodes)).toBeLessThan(rows_max);
});

import { describe, expect, it } from 'vitest';
import { sqlState } from '../../src/db/errors.ts';
import type { SendAttemptsRow } from '../../src/schema.gen.ts';
import { tamper } from '../audit/chain_world.ts';
import { testDatabase } from '../database.ts';
import { approvedLeads, beginData, itemOf, record, reserve } from '../sending/send_world.ts';
import { createWorld, type World } from '../world.ts';
import { all, attackersOf } from './attackers.ts';

/* A message on its way, and direct SQL as the product's role: no prohibited message reaches a mail server. */

const { db } = await testDatabase();

async function onItsWay(leads = 1) {
  const world = await createWorld(db);
  const lead_ids = await approvedLeads(world, leads);
  const sends = await reserve(world);
  return { world, lead_ids, sends, send: sends[0]!, ...(await attackersOf(db, world)) };
}

const beginning = (id: string) => [`UPDATE send_attempts SET stage = 'data' WHERE id = $1`, [id]] as const;

const suppress = (world: World, kind: 'address' | 'domain', value: string) =>
  db.query(
    `INSERT INTO suppressions (org_id, id, kind, value, reason, source) VALUES ($1, gen_random_uuid(), $2, $3, 'asked', 'earlier')`,
    [world.org_id, kind, value],
  );

describe('no message is handed to a mail server', () => {
  it.each([
    [
      'when the lead opted out',
      (world: World) =>
        db.query(`UPDATE leads SET opt_out_flag = true, opted_out_at = now() WHERE org_id = $1`, [
          world.org_id,
        ]),
    ],
    [
      'when the lead unsubscribed',
      (world: World) =>
        db.query(`UPDATE leads SET unsubscribe_flag = true, unsubscribed_at = now() WHERE org_id = $1`, [
          world.org_id,
        ]),
    ],
    [
      'when the address is suppressed',
      (world: World) => suppress(world, 'address', 'lead1@prospect.example'),
    ],
    ['when the domain is suppressed', (world: World) => suppress(world, 'domain', 'prospect.example')],
    [
      'when the lead was erased',
      (world: World) =>
        tamper(db, async (own) => {
          const bare = `email = 'erased-' || id || '@erased.invalid', account_id = NULL, first_name = NULL, linkedin_url = NULL,
            opt_out_flag = true, opted_out_at = now(), erased_at = now()`;
          await own.query(`UPDATE leads SET ${bare} WHERE org_id = $1`, [world.org_id]);
        }),
    ],
    [
      'when the message was canceled',
      (world: World) =>
        db.query(`UPDATE sales_send_queue SET status = 'canceled' WHERE org_id = $1`, [world.org_id]),
    ],
  ] as const)('%s', async (_, stop) => {
    const { world, send, tried } = await onItsWay();
    const attack = beginning(send.attempt_id);
    expect(await tried(attack, ['coordinator'])).toEqual({ coordinator: null });
    await stop(world);
    expect(await tried(attack)).toEqual({ ...all('TL016'), agent: 'TL005' });
    expect(await beginData(world, send)).toBe(false);
  });

  it('when its text was edited concurrently', async () => {
    const { world, send, lead_ids, tried } = await onItsWay();
    const { id, staged_draft_id } = await itemOf(world, lead_ids[0]!);
    await tamper(db, async (own) => {
      await own.query(
        `INSERT INTO staged_drafts (org_id, id, queue_id, version, channel, to_id, subject, body, context, written_by_user_id)
         SELECT org_id, gen_random_uuid(), queue_id, 9, channel, to_id, subject, 'Another text.', '{}', $2
         FROM staged_drafts WHERE id = $1`,
        [staged_draft_id, world.person.kind === 'human' ? world.person.user_id : null],
      );
      await own.query(
        `UPDATE sales_send_queue q SET staged_draft_id = d.id FROM staged_drafts d WHERE q.id = $1 AND d.queue_id = q.id AND d.version = 9`,
        [id],
      );
    });
    expect(await tried(beginning(send.attempt_id), ['coordinator'])).toEqual({ coordinator: 'TL016' });
  });

  it('in a snapshot that may be older than an opt-out', async () => {
    const { world, send, tried } = await onItsWay();
    const attack = beginning(send.attempt_id);
    expect(await tried(attack, ['coordinator'])).toEqual({ coordinator: null });
    for (const level of ['REPEATABLE READ', 'SERIALIZABLE']) {
      const own = await db.app.checkout();
      await own.query(`BEGIN ISOLATION LEVEL ${level}`);
      await own.query(
        `SELECT set_config('touchline.org', $1, true), set_config('touchline.actor_kind', 'coordinator', true)`,
        [world.org_id],
      );
      const said = await own.query(...attack).then(() => null, sqlState);
      own.release(true);
      expect(said, level).toBe('25001');
    }
  });

  it('when a concurrent opt-out or suppression commits first', async () => {
    const { world, sends, as } = await onItsWay(16);
    const stages = new Map<string, string>();
    const stage = `SELECT stage FROM send_attempts WHERE id = $1`;
    const race = sends.map(async ({ attempt_id, item, to_id }, nth) => {
      const stop = as('admin', async (tx) => {
        if (nth % 2 === 0) {
          await tx.query(`UPDATE leads SET opt_out_flag = true, opted_out_at = now() WHERE id = $1`, [
            item.lead_id,
          ]);
        } else {
          await tx.query(
            `INSERT INTO suppressions (org_id, id, kind, value, reason, source) VALUES ($1, gen_random_uuid(), 'address', $2, 'x', 'earlier')`,
            [world.org_id, to_id],
          );
        }
        // The transaction that stopped the lead holds its lock now: an attempt that has not begun by this time never
        // begins.
        const { rows } = await tx.query<{ stage: string }>(stage, [attempt_id]);
        stages.set(attempt_id, rows[0]!.stage);
      });
      const begin = as('coordinator', (tx) => tx.query(...beginning(attempt_id)));
      await Promise.allSettled(nth % 3 === 0 ? [begin, stop] : [stop, begin]);
    });
    await Promise.all(race);
    const after = await world.rows<SendAttemptsRow>('send_attempts');
    expect(stages.size).toBe(16);
    expect(after.map(({ id, stage }) => [id, stage])).toEqual(after.map(({ id }) => [id, stages.get(id)]));
  });
});

describe('the reply of a mail server', () => {
  it.each([`bounced_at = now()`, `response = '250 ok'`, `smtp_code = 250`])(
    'can be recorded by the coordinator only: %s',
    async (change) => {
      const { world, send, tried } = await onItsWay();
      await beginData(world, send);
      await record(world, send, { kind: 'unknown', response: 'gone' });
      const attack = [`UPDATE send_attempts SET ${change} WHERE id = $1`, [send.attempt_id]] as const;
      expect(await tried(attack)).toEqual({ ...all('TL004'), agent: 'TL005', coordinator: null });
    },
  );

  it('cannot be recorded in advance, and other actors record no outcome', async () => {
    const { send, tried } = await onItsWay();
    const { attempt_id } = send;
    const known = { ...all('TL004'), agent: 'TL005', coordinator: null };
    for (const change of [`stage = 'rejected', finished_at = now()`, `stage = 'data'`]) {
      expect(await tried([`UPDATE send_attempts SET ${change} WHERE id = $1`, [attempt_id]]), change).toEqual(
        known,
      );
    }
    const another = `INSERT INTO send_attempts (org_id, id, queue_id, draft_id, mailbox_id, content_hash, message_id, stage,
        lease_until, started_at, response)
      SELECT org_id, gen_random_uuid(), queue_id, draft_id, mailbox_id, content_hash, 'x', 'intent', now(), now(), '250 ok'
      FROM send_attempts WHERE id = $1`;
    expect(await tried([another, [attempt_id]])).toEqual({ ...known, coordinator: '23505' });
    for (const change of ['policy_version = NULL', `recipient_domain = 'other.example'`]) {
      const attack = [`UPDATE send_attempts SET ${change} WHERE id = $1`, [attempt_id]] as const;
      expect(await tried(attack), change).toEqual({ ...all('TL012'), agent: 'TL005' });
    }
  });

  it('can be confirmed by a person, not by an agent, when the outcome is unknown', async () => {
    const { world, send, tried } = await onItsWay();
    await beginData(world, send);
    await record(world, send, { kind: 'unknown', response: 'gone' });
    const attack = [`UPDATE send_attempts SET stage = 'accepted' WHERE id = $1`, [send.attempt_id]] as const;
    expect(await tried(attack)).toEqual({
      ...{ admin: null, rep: null, coordinator: null },
      ...{ agent: 'TL005', system: 'TL004', nobody: '42501' },
    });
  });
});

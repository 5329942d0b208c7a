import { afterEach, describe, expect, it } from 'vitest';
import type { Statements } from '../../src/db/pool.ts';
import { testDatabase } from '../database.ts';
import type { World } from '../world.ts';
import { batchesOf, chainWorld, insertEvent, keepLogs, seal, tamper, verify } from './chain_world.ts';

/* Any change to the logs behind the product's back, with every right and no trigger enabled, is found and named. */

const { db } = await testDatabase();
const world = await chainWorld(db);
const putBack = await keepLogs(db);
afterEach(putBack);

async function someEvent(world: World, nth = 5): Promise<{ id: string; timestamp: Date; place: number }> {
  const { rows } = await db.query<{ id: string; timestamp: Date; place: number }>(
    `SELECT v.id, v.timestamp, b.place FROM event_log_batches b JOIN cadence_event_log v ON v.org_id = b.org_id AND v.id = b.row_ids[1]
     WHERE b.org_id = $1 AND b.kind = 'events' ORDER BY b.place OFFSET $2 LIMIT 1`,
    [world.org_id, nth],
  );
  return rows[0]!;
}

describe('tampering is found and named', () => {
  type Attack = {
    name: string;
    act: (
      own: Statements,
      world: World,
      at: { id: string; timestamp: Date; place: number },
    ) => Promise<unknown>;
    what: string;
    /** Whether the finding names the changed event. */
    names_event?: false;
  };
  const where = (world: World, { id }: { id: string }) => `org_id = '${world.org_id}' AND id = '${id}'`;
  const attacks: Attack[] = [
    {
      name: 'a word of an event is changed',
      act: (own, world, event) =>
        own.query(`UPDATE cadence_event_log SET resolution = 'kind' WHERE ${where(world, event)}`),
      what: 'changed',
    },
    {
      name: 'one fact in a trace is changed',
      act: (own, world, event) =>
        own.query(
          `UPDATE cadence_event_log SET trace = coalesce(trace, '[]') || '[{"gate": "x"}]' WHERE ${where(world, event)}`,
        ),
      what: 'changed',
    },
    {
      name: 'the facts of a decision are changed, or added to an event without a decision',
      act: (own, world, event) =>
        own.query(
          `UPDATE cadence_event_log SET facts = coalesce(facts, '{}') || '{"icp_tier": "T3"}', trace = coalesce(trace, '[]'),
             moment = coalesce(moment, 'sent'), sequence_type = coalesce(sequence_type, 'closing')
           WHERE ${where(world, event)}`,
        ),
      what: 'changed',
    },
    {
      name: 'an event is deleted',
      act: (own, world, event) => own.query(`DELETE FROM cadence_event_log WHERE ${where(world, event)}`),
      what: 'missing',
    },
    {
      name: 'an event is moved in time by a microsecond',
      act: (own, world, event) =>
        own.query(
          `UPDATE cadence_event_log SET timestamp = timestamp + interval '1 microsecond' WHERE ${where(world, event)}`,
        ),
      what: 'missing',
    },
    {
      name: 'an event is changed together with the hash of its row',
      act: async (own, world, event) => {
        await own.query(`UPDATE cadence_event_log SET resolution = 'kind' WHERE ${where(world, event)}`);
        await own.query(
          `UPDATE event_log_batches b SET row_hashes = (SELECT string_agg(event_hash_2(v), '' ORDER BY r.n)
             FROM unnest(b.row_ids, b.row_times) WITH ORDINALITY r(id, at, n)
             JOIN cadence_event_log v ON v.org_id = b.org_id AND v.timestamp = r.at AND v.id = r.id)
           WHERE org_id = $1 AND place = $2`,
          [world.org_id, event.place],
        );
      },
      what: 'rewritten',
      names_event: false,
    },
    {
      name: 'two batches change places',
      act: async (own, world, event) => {
        const move = (from: number, to: number) =>
          own.query('UPDATE event_log_batches SET place = $3 WHERE org_id = $1 AND place = $2', [
            world.org_id,
            from,
            to,
          ]);
        await move(event.place, 1_000_000);
        await move(event.place + 1, event.place);
        await move(1_000_000, event.place + 1);
      },
      what: 'reordered',
      names_event: false,
    },
    {
      name: 'a batch is removed from the middle, with its rows',
      act: async (own, world, event) => {
        await own.query(`DELETE FROM cadence_event_log WHERE ${where(world, event)}`);
        await own.query('DELETE FROM event_log_batches WHERE org_id = $1 AND place = $2', [
          world.org_id,
          event.place,
        ]);
      },
      what: 'cut',
      names_event: false,
    },
    {
      name: 'a batch is removed and the others close the gap',
      act: async (own, world, event) => {
        await own.query('DELETE FROM event_log_batches WHERE org_id = $1 AND place = $2', [
          world.org_id,
          event.place,
        ]);
        await own.query(
          'UPDATE event_log_batches SET place = place + 1000000 WHERE org_id = $1 AND place > $2',
          [world.org_id, event.place],
        );
        await own.query(
          'UPDATE event_log_batches SET place = place - 1000001 WHERE org_id = $1 AND place > $2',
          [world.org_id, event.place],
        );
      },
      what: 'rewritten',
      names_event: false,
    },
  ];

  it.each(attacks)('$name', async ({ act, what, names_event }) => {
    const event = await someEvent(world);
    const before = await verify(world);
    await tamper(db, async (own) => {
      await act(own, world, event);
    });
    const answer = await verify(world);
    expect(answer).toMatchObject({ ok: false, finding: { what, place: Number(event.place) } });
    if (names_event === undefined) {
      expect(answer.finding).toMatchObject({
        log: 'events',
        row_id: event.id,
        at: event.timestamp.toISOString(),
      });
      expect(answer.finding!.says).toContain(event.id);
    }
    expect(answer.checked_rows).toBeLessThan(before.checked_rows);
  });

  it('the first of several faults is named', async () => {
    const [first, second] = [await someEvent(world, 3), await someEvent(world, 8)];
    await tamper(db, async (own) => {
      await own.query(`DELETE FROM cadence_event_log WHERE ${where(world, second)}`);
      await own.query(`UPDATE cadence_event_log SET resolution = 'kind' WHERE ${where(world, first)}`);
    });
    expect((await verify(world)).finding).toMatchObject({ what: 'changed', row_id: first.id });
  });

  it('an event that was inserted without the trigger is found', async () => {
    const [lead] = await world.rows<{ id: string }>('leads');
    const { text, values } = insertEvent(world.org_id, lead!.id);
    await tamper(db, async (own) => {
      await own.query(text, values);
    });
    const [forged] = await world.rows<{ id: string }>('cadence_event_log', `coordinator_action = 'x'`);
    expect((await verify(world)).finding).toMatchObject({
      what: 'unrecorded',
      log: 'events',
      row_id: forged!.id,
      at: '2026-11-24T12:00:00.123Z',
    });
  });

  it('an audit line that was changed, removed, or inserted is found', async () => {
    for (const [statement, what] of [
      [`UPDATE audit_log SET actor_id = 'someone else' WHERE org_id = $1 AND id = $2`, 'changed'],
      [`DELETE FROM audit_log WHERE org_id = $1 AND id = $2`, 'missing'],
      [
        `INSERT INTO audit_log SELECT (jsonb_populate_record(a, '{"id": "01890000-0000-7000-8000-000000000000"}')).*
         FROM audit_log a WHERE org_id = $1 AND id = $2`,
        'unrecorded',
      ],
    ] as const) {
      const [line] = await world.rows<{ id: string }>('audit_log', `subject_table = 'users'`);
      await tamper(db, async (own) => {
        await own.query(statement, [world.org_id, line!.id]);
      });
      const row_id = what === 'unrecorded' ? '01890000-0000-7000-8000-000000000000' : line!.id;
      expect((await verify(world)).finding, what).toMatchObject({ what, log: 'audit', row_id });
      await putBack();
    }
  });
});

describe('the end of the chain', () => {
  /** Removes the last batches and their events, and the head too unless told otherwise. */
  async function cut(world: World, count: number, head: 'kept' | 'put back' | 'deleted'): Promise<number> {
    const place = (await batchesOf(world)).length - count;
    const key = [world.org_id, place];
    await tamper(db, async (own) => {
      await own.query(
        `DELETE FROM cadence_event_log v USING event_log_batches b WHERE b.org_id = $1 AND b.place > $2
         AND v.org_id = b.org_id AND v.id = ANY (b.row_ids)`,
        key,
      );
      await own.query(
        `DELETE FROM audit_log a USING event_log_batches b WHERE b.org_id = $1 AND b.place > $2 AND a.org_id = b.org_id
         AND a.id = ANY (b.row_ids)`,
        key,
      );
      await own.query('DELETE FROM event_log_batches WHERE org_id = $1 AND place > $2', key);
      if (head === 'deleted')
        await own.query('DELETE FROM event_log_heads WHERE org_id = $1', [world.org_id]);
      if (head === 'put back') {
        await own.query(
          `UPDATE event_log_heads h SET place = b.place, hash = b.hash FROM event_log_batches b
           WHERE h.org_id = $1 AND b.org_id = h.org_id AND b.place = $2`,
          key,
        );
      }
    });
    return place;
  }

  it('cannot be cut off unnoticed', async () => {
    const place = await cut(world, 2, 'kept');
    expect(await verify(world)).toMatchObject({ ok: false, finding: { what: 'cut', place } });
    expect((await verify(world)).finding!.says).toContain('the last 2 batches are missing');
  });

  it('cannot be cut off unnoticed with its head, given a hash that is kept elsewhere', async () => {
    const { head_hash } = await verify(world);
    await cut(world, 2, 'put back');
    expect(await verify(world)).toMatchObject({ ok: true });
    expect(await verify(world, head_hash)).toMatchObject({ ok: false, finding: { what: 'unexpected' } });
  });

  it('cannot lose its head unnoticed', async () => {
    await cut(world, 0, 'deleted');
    expect(await verify(world)).toMatchObject({ ok: false, finding: { what: 'rewritten' } });
  });

  it('accepts no new events once the chain is broken', async () => {
    await cut(world, 1, 'kept');
    const lead_id = await world.addLead();
    await world.request(lead_id, 'b2bea_membership_close');
    await expect(seal(world)).rejects.toMatchObject({ code: 'TL021' });
    expect(await verify(world)).toMatchObject({ ok: false, finding: { what: 'cut' } });
  });
});

import { describe, expect, it } from 'vitest';
import { sqlState } from '../../src/db/errors.ts';
import { transaction } from '../../src/db/pool.ts';
import { newId } from '../../src/ids.ts';
import { testDatabase } from '../database.ts';
import { playsOf } from '../plays/play_world.ts';
import { createWorld, HOUR_MS } from '../world.ts';
import { all, attackersOf } from './attackers.ts';

/* Direct SQL as the product's role against the log and the enrollments, on the server's clock. */

const { db } = await testDatabase();
await db.query('DELETE FROM simulated_clock');
const world = await createWorld(db, { start_ms: Date.now() });
const { org_id, clock } = world;
const { tried } = await attackersOf(db, world);
const plays = await playsOf(db, world);
const lead_id = await world.addLead();
await world.request(lead_id, 'b2bea_membership_close');
const [campaign] = await world.rows<{ id: string }>('campaigns', `slug = 'b2bea_membership_close'`);
const at = (hours: number) => new Date(Date.now() + hours * HOUR_MS);

/** An event in the actor's own name. */
const event = (columns: Record<string, unknown>) => {
  const row = {
    timestamp: at(0),
    lead_id,
    campaign_id: null,
    play_id: null,
    originating_proposal_id: null,
    ...columns,
  };
  return [
    `INSERT INTO cadence_event_log (org_id, id, event_type, coordinator_action, actor_kind, actor_id, timestamp, lead_id,
       campaign_id, play_id, originating_proposal_id)
     VALUES ($1, gen_random_uuid(), 'requested', 'x', coalesce(acting_kind(), 'system')::actor_kind,
       coalesce(acting_id(), 'test'), $2, $3, $4, $5, $6)`,
    [org_id, ...Object.values(row)],
  ] as const;
};

describe('an event', () => {
  it.each([-2, 2])('cannot be dated %i hours from now', async (hours) => {
    expect(await tried(event({ timestamp: at(hours) }))).toEqual({ ...all('TL031'), system: 'TL032' });
  });

  it('records when it was written', async () => {
    for (const hours of [-0.9, 0.9]) {
      expect(await tried(event({ timestamp: at(hours) }), ['coordinator', 'rep'])).toEqual({
        coordinator: null,
        rep: null,
      });
    }
  });

  it('refers to an existing campaign, play, and proposal, or to none', async () => {
    const play = await plays.read(await plays.playIn('active'));
    const own = { play_id: play.play_id, originating_proposal_id: play.originating_proposal_id };
    const campaign_id = campaign!.id;
    for (const columns of [
      { campaign_id: newId(clock) },
      { campaign_id: newId(clock), play_id: newId(clock), originating_proposal_id: newId(clock) },
      { campaign_id, ...own },
      { campaign_id, originating_proposal_id: own.originating_proposal_id },
      { originating_proposal_id: own.originating_proposal_id },
      { originating_proposal_id: newId(clock) },
    ]) {
      expect(await tried(event(columns), ['admin', 'agent', 'coordinator', 'nobody'])).toEqual(
        all('TL012', ['admin', 'agent', 'coordinator', 'nobody']),
      );
    }
    expect(await tried(event({ play_id: own.play_id }), ['coordinator'])).toEqual({ coordinator: '23514' });
    expect(await tried(event({ campaign_id }), ['coordinator'])).toEqual({ coordinator: null });
  });

  it('keeps its campaign', async () => {
    const [unused] = await world.rows<{ id: string }>('campaigns', `slug = 'b2bea_nurture'`);
    await db.query('DELETE FROM campaign_sequences WHERE campaign_id = $1', [unused!.id]);
    const remove = [`DELETE FROM campaigns WHERE id = $1`, [unused!.id]] as const;
    expect(await tried(remove)).toEqual({ ...all('TL003'), agent: 'TL005' });
  });
});

describe('the facts of a decision', () => {
  const decided = `org_id = $1 AND facts IS NOT NULL`;

  it('never change, for any writer', async () => {
    const [row] = await world.rows<{ facts: unknown }>('cadence_event_log', 'facts IS NOT NULL');
    expect(row?.facts).toMatchObject({ requested_by: expect.any(String), cadence_state: 'idle' });
    for (const facts of [`'{"icp_tier": "T1"}'`, `facts - 'icp_tier'`, 'NULL']) {
      const change = [`UPDATE cadence_event_log SET facts = ${facts} WHERE ${decided}`, [org_id]] as const;
      expect(await tried(change)).toEqual(all('42501'));
      // The owner of the tables cannot change it either.
      expect(await db.query(...change).then(() => null, sqlState)).toBe('TL003');
    }
  });

  it('need a trace, a moment, and a sequence type', async () => {
    const copied = (columns: string) =>
      [
        `INSERT INTO cadence_event_log (org_id, id, timestamp, event_type, coordinator_action, actor_kind, actor_id, lead_id,
           moment, sequence_type, trace, facts)
         SELECT org_id, gen_random_uuid(), $2, event_type, coordinator_action, acting_kind()::actor_kind, acting_id(), lead_id,
           ${columns} FROM cadence_event_log WHERE ${decided} LIMIT 1`,
        [org_id, at(0)],
      ] as const;
    const by = async (columns: string) => (await tried(copied(columns), ['coordinator'])).coordinator;
    expect(await by('moment, sequence_type, trace, facts')).toBeNull();
    expect(await by('NULL, sequence_type, trace, facts')).toBe('23514');
    expect(await by('moment, NULL, trace, facts')).toBe('23514');
    expect(await by('moment, sequence_type, NULL, facts')).toBe('23514');
    expect(await by(`moment, sequence_type, trace, '[]'`)).toBe('23514');
  });
});

describe('ended records remain', () => {
  it('suppressions, requests, and warnings', async () => {
    await world.addLead({ unsubscribe_flag: true, unsubscribed_at: clock.now() });
    await db.query(
      `INSERT INTO flags (org_id, id, kind, subject, for_role, detail, raised_at) VALUES ($1, $2, 'backlog', 'x', 'rep', '{}', $3)`,
      [org_id, newId(clock), clock.now()],
    );
    const told = { ...all('TL003'), agent: 'TL005' };
    expect(await tried([`DELETE FROM leads WHERE unsubscribe_flag`])).toEqual(told);
    for (const table of ['sequence_requests', 'campaign_contacts', 'flags']) {
      expect(await tried([`DELETE FROM ${table}`]), table).toEqual(told);
    }
  });

  it('work to be done, with or without a touch', async () => {
    const task = `INSERT INTO agent_tasks (org_id, id, type, role, lead_id, status, payload, created_at, finished_at)
      VALUES ($1, $2, 'process_reply', 'roles.sales', $3, $4, '{}', $5, $6)`;
    for (const status of ['open', 'canceled'])
      await db.query(task, [
        org_id,
        newId(clock),
        lead_id,
        status,
        clock.now(),
        status === 'open' ? null : clock.now(),
      ]);
    expect(await tried([`DELETE FROM agent_tasks WHERE queue_id IS NULL`])).toEqual(all('TL003'));
  });

  it('no table whose rows cannot be deleted can be truncated, not even by its owner', async () => {
    const { rows } = await db.query<{ name: string; is_guarded: boolean }>(
      `SELECT c.relname AS name, EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgtype & 32 > 0) AS is_guarded
       FROM pg_class c
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND (EXISTS (
         SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgtype & 8 > 0 AND t.tgtype & 2 > 0
           AND t.tgfoid NOT IN ('refuse_agents'::regproc, 'refuse_agents_themselves'::regproc)
       ) OR c.relname IN ('notifications', 'webhooks', 'webhook_deliveries', 'mailbox_grants', 'play_runs'))`,
    );
    expect(rows.length).toBeGreaterThan(30);
    expect(rows.filter(({ is_guarded }) => !is_guarded)).toEqual([]);
    for (const { name } of rows) {
      // Each table alone: if other rows refer to it, the server refuses before any trigger.
      const said = await db.query(`TRUNCATE ${name}`).then(() => null, sqlState);
      expect(said, name).toMatch(/^(TL003|0A000)$/);
      expect(await db.query(`TRUNCATE ${name} CASCADE`).then(() => null, sqlState), name).toBe('TL003');
    }
  });
});

describe('an act reserved for people', () => {
  const nobodies = ['nobody at all', newId(clock)].map((id) => ({ org_id, kind: 'human' as const, id }));
  const left = newId(clock);

  it('needs an active user, not just a writer that claims to be human', async () => {
    const opted_out = await world.addLead({ opt_out_flag: true, opted_out_at: clock.now() });
    await db.query(
      `INSERT INTO users (org_id, id, email, name, roles, deactivated_at)
       VALUES ($1, $2, 'left@testers.example', 'Left', '{rep}', now())`,
      [org_id, left],
    );
    const [task_id, mailbox_id] = [newId(clock), newId(clock)];
    await db.query(
      `INSERT INTO agent_tasks (org_id, id, type, role, lead_id, status, payload, created_at, finished_at)
       VALUES ($1, $2, 'process_reply', 'roles.sales', $3, 'failed', '{}', $4, $4)`,
      [org_id, task_id, lead_id, clock.now()],
    );
    await db.query(
      `INSERT INTO mailboxes (SELECT (jsonb_populate_record(m, jsonb_build_object('id', $1::text, 'address', 'other@own.example',
         'paused_at', now(), 'paused_reason', 'x', 'paused_by', 'server'))).* FROM mailboxes m LIMIT 1)`,
      [mailbox_id],
    );
    const attacks: [string, string, string][] = [
      ['UPDATE leads SET opt_out_flag = false, opted_out_at = NULL WHERE id = $1', opted_out, 'TL007'],
      [`UPDATE leads SET email = 'another@prospect.example' WHERE id = $1`, opted_out, 'TL007'],
      ['UPDATE mailboxes SET paused_at = NULL, paused_reason = NULL WHERE id = $1', mailbox_id, 'TL005'],
      [`UPDATE mailboxes SET retired_at = now(), retired_reason = 'x' WHERE id = $1`, mailbox_id, 'TL005'],
      [`UPDATE agent_tasks SET status = 'open' WHERE id = $1`, task_id, 'TL001'],
    ];
    for (const [text, id, code] of attacks) {
      for (const who of [...nobodies, { org_id, kind: 'human' as const, id: left }]) {
        const said = transaction(db.app, who, (tx) => tx.query(text, [id])).then(() => null, sqlState);
        expect(await said, `${who.id}: ${text}`).toBe(code);
      }
    }
    expect(await tried([attacks[0]![0], [opted_out]], ['rep'])).toEqual({ rep: null });
  });

  it('cannot be done in the name of a deactivated user', async () => {
    const acknowledge = `UPDATE flags SET acknowledged_at = now(), acknowledged_by_user_id = $1`;
    const who = { org_id, kind: 'human' as const, id: left };
    expect(
      await transaction(db.app, who, (tx) => tx.query(acknowledge, [left])).then(() => null, sqlState),
    ).toBe('TL005');
  });
});

describe('an enrollment', () => {
  it('begins at step 1, now, with no message on its way, for the brand of its campaign', async () => {
    const [first] = await world.rows<{ id: string }>('campaign_contacts');
    await db.query(`UPDATE campaigns SET entry = 'open' WHERE org_id = $1`, [world.org_id]);
    const other = await world.addLead();
    const enroll = (change: Record<string, unknown>) =>
      [
        `INSERT INTO campaign_contacts SELECT (jsonb_populate_record(e, jsonb_build_object('id', gen_random_uuid(), 'lead_id', $2::text,
           'open_queue_id', NULL, 'enrolled_at', now()) || $3)).*
         FROM campaign_contacts e WHERE e.id = $1`,
        [first!.id, other, JSON.stringify(change)],
      ] as const;
    const refused = (code: string) => ({ ...all(code), agent: 'TL005' });
    expect(await tried(enroll({ current_step: 3 }))).toEqual(refused('TL001'));
    expect(await tried(enroll({ open_queue_id: newId(clock) }))).toEqual(refused('TL001'));
    expect(await tried(enroll({ client_id: 'dreamborn' }))).toEqual(refused('TL012'));
    expect(await tried(enroll({ enrolled_at: at(-24 * 30) }))).toEqual(refused('TL031'));
    expect(await tried(enroll({}), ['coordinator'])).toEqual({ coordinator: null });
  });

  it('skips no step and returns to none', async () => {
    const [{ id } = { id: '' }] = await world.rows<{ id: string }>('campaign_contacts');
    const step = (n: number) =>
      [
        `UPDATE campaign_contacts SET current_step = $2, next_send_at = now() WHERE id = $1`,
        [id, n],
      ] as const;
    const who = ['admin', 'rep', 'coordinator', 'system'] as const;
    for (const n of [3, 6]) expect(await tried(step(n), who)).toEqual(all('TL001', who));
    expect(await tried(step(2), ['coordinator'])).toEqual({ coordinator: null });
    await db.query(...step(2));
    expect(await tried(step(1), who)).toEqual(all('TL001', who));
  });
});

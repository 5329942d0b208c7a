import { beforeAll, describe, expect, it } from 'vitest';
import { sqlState } from '../../src/db/errors.ts';
import { type Actor, type Origin, transaction } from '../../src/db/pool.ts';
import { newId } from '../../src/ids.ts';
import { testDatabase } from '../database.ts';
import { INSERT_PLAY, playsOf } from '../plays/play_world.ts';
import { createWorld, HOUR_MS } from '../world.ts';

/* A database as in production, whose owner has not marked a simulated clock. Direct SQL as the product's role can neither
   choose the date of an event nor act in another user's name. */

const { db } = await testDatabase();
await db.query('DELETE FROM simulated_clock');
const base = await createWorld(db, { start_ms: Date.now() });
const world = { ...base, ...(await playsOf(db, base)) };
const { org_id, clock } = world;
const MARKETING = 'b2bea_membership';
const user = (name: string) => world.people.get(name)!;
const at = (hours: number) => new Date(Date.now() + hours * HOUR_MS);

async function refusal(
  actor: string | Actor,
  text: string,
  values: readonly unknown[] = [],
  origin?: Partial<Origin>,
): Promise<string | null> {
  const own = origin === undefined ? db.app : { ...db.app, origin: origin as Origin };
  const who = typeof actor === 'string' ? world.actors[actor]! : actor;
  return transaction(own, who, (tx) => tx.query(text, values)).then(
    () => null,
    (error) => sqlState(error) ?? String(error),
  );
}

// touches_of_item
it.each(['2020-01-01', '9999-01-01'])('no touch is dated %s', async (day) => {
  await world.request(await world.addLead(), MARKETING);
  await world.work();
  const touch = `INSERT INTO touches (org_id, id, lead_id, enrollment_id, queue_id, campaign_id, channel, sequence_type, touched_at,
      outcome, settled_at)
    SELECT q.org_id, gen_random_uuid(), q.lead_id, q.enrollment_id, q.id, q.campaign_id, q.channel, c.sequence_type, $2, $3,
      CASE WHEN $3 = 'reserved'::touch_outcome THEN NULL ELSE now() END
    FROM sales_send_queue q JOIN campaigns c ON c.id = q.campaign_id WHERE q.org_id = $1 LIMIT 1`;
  expect(await refusal('coordinator', touch, [org_id, day, 'reserved'])).toBe('TL031');
  expect(await refusal('slm', touch, [org_id, day, 'marked_sent'])).toBe('TL031');
});

describe('the life of a play', () => {
  it('is recorded as it happens', async () => {
    for (const state of ['draft', 'under_review', 'active', 'retired'] as const) await world.playIn(state);
  });

  const LATE_AND_EARLY = [-30 * 24, -2, 2, 30 * 24];

  it.each(LATE_AND_EARLY)('cannot begin %i hours from now', async (hours) => {
    const play = {
      ...(await world.read(await world.playIn('draft'))),
      play_id: newId(clock),
      created_at: at(hours),
    };
    expect(await refusal('brain', INSERT_PLAY, [JSON.stringify(play)])).toBe('TL031');
    const proposal = `INSERT INTO brain_analysis_log (org_id, proposal_id, agent_id, summary, analysis, created_at)
      VALUES ($1, gen_random_uuid(), 'AGT-901', 'a', 'b', $2)`;
    expect(await refusal('brain', proposal, [org_id, at(hours)])).toBe('TL031');
    expect(await refusal('brain', proposal, [org_id, at(0)])).toBeNull();
  });

  it.each(LATE_AND_EARLY)('cannot continue at another time, for example %i hours from now', async (hours) => {
    const set = (change: string) => `UPDATE sales_play_library SET ${change} WHERE play_id = $1`;
    const draft = await world.playIn('draft');
    const pickUp = set(`state = 'under_review', picked_up_by_user_id = $2, picked_up_at = $3`);
    expect(await refusal('slm', pickUp, [draft, user('slm'), at(hours)])).toBe('TL031');
    const review = await world.playIn('under_review');
    for (const role of ['slm', 'revops'] as const) {
      const approve = set(`${role}_approver_user_id = $2, ${role}_approved_at = $3`);
      expect(await refusal(role, approve, [review, user(role), at(hours)])).toBe('TL031');
    }
    await world.approve(review, 'slm', 'slm');
    await world.approve(review, 'revops', 'revops');
    const activate = set(`state = 'active', activated_at = $2`);
    expect(await refusal('slm', activate, [review, at(hours)])).toBe('TL031');
    const active = await world.playIn('active');
    const retire = set(
      `state = 'retired', retired_by_user_id = $2, retire_reason = 'completed', retired_at = $3`,
    );
    expect(await refusal('revops', retire, [active, user('revops'), at(hours)])).toBe('TL031');
  });

  it('keeps its order', async () => {
    const active = await world.playIn('active');
    const retire = `UPDATE sales_play_library SET state = 'retired', retired_by_user_id = $2, retire_reason = 'completed',
      retired_at = activated_at - interval '1 second' WHERE play_id = $1`;
    expect(await refusal('revops', retire, [active, user('revops')])).toBe('23514');
    const review = await world.playIn('under_review');
    const approve = `UPDATE sales_play_library SET slm_approver_user_id = $2, slm_approved_at = picked_up_at - interval '1 second'
      WHERE play_id = $1`;
    expect(await refusal('slm', approve, [review, user('slm')])).toBe('23514');
  });

  it('cannot end automatically before its time', async () => {
    const play_id = await world.playIn('active', { active_period_end: at(24).toISOString().slice(0, 10) });
    expect(
      await refusal(
        'revops',
        `UPDATE sales_play_library_config SET auto_sunset = true, updated_by_user_id = $2 WHERE org_id = $1 AND segment IS NULL`,
        [org_id, user('revops')],
      ),
    ).toBeNull();
    const sunset = `UPDATE sales_play_library SET state = 'retired', retired_at = $2, retire_reason = 'auto_sunset' WHERE play_id = $1`;
    expect(await refusal('coordinator', sunset, [play_id, at(72)])).toBe('TL031');
    expect(await refusal('coordinator', sunset, [play_id, at(0)])).toBe('TL001');
  });

  const REMOVE = `UPDATE sales_play_library SET name = '(removed)', hypothesis = '(removed)', target_definition = '{}',
    suggested_cadence = '{}', success_criteria = '{}', drafted = '{}', edits_during_review = NULL,
    retrospective_outcomes = NULL, content_removed_at = $2 WHERE play_id = $1`;

  it('cannot be deleted before seven years have passed', async () => {
    const play_id = await world.playIn('retired');
    expect(await refusal('coordinator', REMOVE, [play_id, at(8 * 366 * 24)])).toBe('TL031');
    expect(await refusal('coordinator', REMOVE, [play_id, at(0)])).toBe('TL003');
  });

  it('has edits that the server dates', async () => {
    const play_id = await world.playIn('under_review');
    const edit = `UPDATE sales_play_library SET hypothesis = 'Another' WHERE play_id = $1`;
    expect(await refusal('revops', edit, [play_id], { at: '2020-01-01T00:00:00Z' })).toBeNull();
    const [written] = (await world.read(play_id)).edits_during_review as [{ at: string }];
    expect(Math.abs(Date.parse(written.at) - Date.now())).toBeLessThan(HOUR_MS);
  });

  it('cannot be marked simulated by the application’s role', async () => {
    for (const text of [
      'INSERT INTO simulated_clock (since) VALUES (now())',
      'DELETE FROM simulated_clock',
      'UPDATE simulated_clock SET since = now()',
    ])
      expect(await refusal('admin', text)).toBe('42501');
  });
});

it('a claim cannot have an end that is long past', async () => {
  const lead_id = await world.addLead();
  const [id, claimed_at] = [newId(clock), at(-3)];
  await db.query(
    `INSERT INTO agent_tasks (org_id, id, type, role, lead_id, payload, created_at)
     VALUES ($1, $2, 'process_reply', 'roles.sales', $3, '{}', $4)`,
    [org_id, id, lead_id, claimed_at],
  );
  await db.query(
    `UPDATE agent_tasks SET status = 'claimed', claim_id = gen_random_uuid(), claimed_by = 'roles.sales', claimed_at = $2,
       lease_until = $2::timestamptz + interval '1 hour', attempt_count = 1 WHERE id = $1`,
    [id, claimed_at],
  );
  const sales: Actor = { org_id, kind: 'agent', id: 'roles.sales' };
  const end = (status: string, finished_at: Date | null, said_at = at(0)) =>
    refusal(
      sales,
      `UPDATE agent_tasks SET status = '${status}', claim_id = NULL, lease_until = NULL, finished_at = $2 WHERE id = $1`,
      [id, finished_at],
      { at: said_at.toISOString() },
    );
  expect(await end('done', at(0))).toBe('TL035');
  expect(await end('done', at(-2.5))).toBe('TL031');
  expect(await end('open', null, at(-2.5))).toBe('TL031');
  expect(await end('open', null)).toBe('TL035');
});

describe('an event', () => {
  const EVENT = `INSERT INTO cadence_event_log (org_id, id, timestamp, event_type, coordinator_action, actor_kind, actor_id, lead_id)
    SELECT $1, gen_random_uuid(), $2, 'edited', 'edit', $3::actor_kind, $4, id FROM leads WHERE org_id = $1 LIMIT 1`;
  beforeAll(async () => {
    await world.addLead();
  });

  const names = (): Record<string, [string, string]> => ({
    brain: ['agent', 'AGT-901'],
    rep: ['human', user('rep')],
    slm: ['human', user('slm')],
    coordinator: ['coordinator', 'AGT-302'],
    system: ['system', 'unsubscribe_link'],
  });

  it.each(['brain', 'rep', 'coordinator'])('can be written by %s in their own name only', async (writer) => {
    for (const [name, [kind, id]] of Object.entries(names()))
      expect([name, await refusal(writer, EVENT, [org_id, at(0), kind, id])]).toEqual([
        name,
        name === writer ? null : 'TL032',
      ]);
  });

  it('belongs to the recipient when the coordinator handles a link, and to no one else', async () => {
    const origin = {
      surface: 'link',
      operation: 'unsubscribe',
      asked_by: { kind: 'public', id: '' },
    } as const;
    expect(
      await refusal('coordinator', EVENT, [org_id, at(0), 'system', 'unsubscribe_link'], origin),
    ).toBeNull();
    expect(await refusal('coordinator', EVENT, [org_id, at(0), 'human', user('rep')], origin)).toBe('TL032');
    expect(await refusal('brain', EVENT, [org_id, at(0), 'system', 'unsubscribe_link'], origin)).toBe(
      'TL032',
    );
  });

  it('cannot be ahead of the clock, which would keep the product from starting', async () => {
    expect(await refusal('brain', EVENT, [org_id, at(2), 'agent', 'AGT-901'])).toBe('TL031');
  });

  it.each([
    ['ten years ahead', 0, 3650],
    ['far in the past', -3650, 0],
    ['without an end', 0, Number.POSITIVE_INFINITY],
    ['without a beginning', Number.NEGATIVE_INFINITY, 0],
  ])('gets no partitions %s', async (_what, from, to) => {
    const time = (days: number) =>
      Number.isFinite(days) ? at(days * 24) : days < 0 ? '-infinity' : 'infinity';
    const make = 'SELECT ensure_event_partitions($1::timestamptz, $2::timestamptz)';
    expect(await refusal('coordinator', make, [time(from), time(to)])).toMatch(/^22/);
    expect(await refusal('coordinator', make, [null, null])).toBe('22023');
    expect(await refusal('coordinator', make, [at(0), at(62 * 24)])).toBeNull();
  });
});

describe('the audit', () => {
  const lines = (where: string) =>
    world.rows<{ at: Date; asked_by_kind: string; asked_by_id: string; operation: string; surface: string }>(
      'audit_log',
      `${where} ORDER BY id DESC`,
    );
  const forged = {
    at: '2020-01-01T00:00:00Z',
    operation: 'x'.repeat(5_000),
    surface: 'web',
    asked_by: { kind: 'human', id: '00000000-0000-0000-0000-000000000001' },
  } as const;

  it('records time and actor regardless of what the writer claims', async () => {
    const lead_id = await world.addLead();
    const title = `UPDATE leads SET title = 'forged' WHERE org_id = $1 AND id = $2`;
    expect(await refusal('rep', title, [org_id, lead_id], forged)).toBeNull();
    const [line] = await lines(`subject_key = '${lead_id}'`);
    expect(Math.abs(line!.at.getTime() - Date.now())).toBeLessThan(HOUR_MS);
    expect(line).toMatchObject({ asked_by_kind: 'human', asked_by_id: user('rep') });
    expect(line!.operation).toHaveLength(200);
  });

  const IMPORTING = { ...forged, operation: 'import_leads' };
  const CHANGE = `UPDATE leads SET title = 'unseen' WHERE org_id = $1 AND id = $2`;

  it('omits an import’s changes only if an import exists and its own line ends it', async () => {
    const lead_id = await world.addLead();
    expect(await refusal('rep', CHANGE, [org_id, lead_id], IMPORTING)).toBeNull();
    expect(await lines(`subject_key = '${lead_id}'`)).toHaveLength(1);
  });

  it.each([
    ['stays open', '', 'TL001'],
    ['is deleted', `DELETE FROM lead_imports WHERE org_id = $1 AND id = $3`, 'TL003'],
    [
      'is given another id',
      'UPDATE lead_imports SET id = gen_random_uuid() WHERE org_id = $1 AND id = $3',
      'TL012',
    ],
    [
      'is receiving again',
      `UPDATE lead_imports SET status = 'receiving' WHERE org_id = $1 AND id = $3`,
      null,
    ],
    ['is done', `UPDATE lead_imports SET status = 'done' WHERE org_id = $1 AND id = $3`, null],
    [
      'has become a dry run',
      `UPDATE lead_imports SET status = 'done', dry_run = true WHERE org_id = $1 AND id = $3`,
      null,
    ],
  ])('records one line for an import that %s, or refuses it', async (_what, end, code) => {
    const [lead_id, import_id] = [await world.addLead(), newId(clock)];
    const steps: [string, unknown[]][] = [
      [
        `INSERT INTO lead_imports (org_id, id, dry_run, status, created_at, imported_by_user_id)
         VALUES ($1, $2, false, 'merging', now(), $3)`,
        [org_id, import_id, world.actors.rep!.id],
      ],
      [CHANGE, [org_id, lead_id]],
      ...(end === '' ? [] : [[end.replace('$3', '$2'), [org_id, import_id]] as [string, unknown[]]]),
    ];
    const said = await transaction(
      { ...db.app, origin: IMPORTING as Origin },
      world.actors.rep!,
      async (tx) => {
        for (const [text, values] of steps) await tx.query(text, values);
      },
    ).then(() => null, sqlState);
    expect(said).toBe(code);
    const changed = await world.rows('leads', `id = '${lead_id}' AND title = 'unseen'`);
    expect(changed).toHaveLength(code === null ? 1 : 0);
    expect(await lines(`subject_key = '${import_id}'`)).toHaveLength(code === null ? 1 : 0);
  });
});

import { beforeAll, describe, expect, it } from 'vitest';
import { removeOldPlays } from '../../src/coordinator/upkeep/retention.ts';
import { systemDb } from '../../src/db/acting.ts';
import { sqlState } from '../../src/db/errors.ts';
import { playOperations } from '../../src/operations/plays/plays.ts';
import { playReviewOperations } from '../../src/operations/plays/review.ts';
import { testDatabase } from '../database.ts';
import { manualClock } from '../manual_clock.ts';
import { openLibrary, refused } from './play_calls.ts';
import { LATEST } from './play_world.ts';

/* The tiers of retired plays, and the remains of a play after seven years. */

const { db } = await testDatabase();
const { world, as, revops } = await openLibrary(db);
const { org_id } = world;
const [, listPlays, getPlay] = playOperations;
const copy = playReviewOperations.find(({ name }) => name === 'copy_play')!;

/** Retired this long ago by the database's clock, the one that views use. */
async function retiredSince(ago: string, columns: Record<string, unknown> = {}): Promise<string> {
  const { rows } = await db.query<{ at: Date }>(`SELECT now() - $1::interval AS at`, [ago]);
  const { at } = rows[0]!;
  const now_ms = world.clock.now_ms();
  world.clock.set(at.getTime());
  const play_id = await world.playIn('active', columns);
  world.clock.set(now_ms);
  await world.as(
    'other_revops',
    `UPDATE sales_play_library SET state = 'retired', retire_reason = 'completed', retired_by_user_id = $2,
            retired_at = $3 WHERE play_id = $1`,
    [play_id, world.people.get('other_revops'), at],
  );
  return play_id;
}

async function inView(tier: string): Promise<Set<unknown>> {
  const { rows } = await db.query(`SELECT play_id FROM sales_play_library_${tier} WHERE org_id = $1`, [
    org_id,
  ]);
  return new Set(rows.map((row) => row.play_id));
}

describe('the tiers', () => {
  const plays = new Map<string, string>();
  beforeAll(async () => {
    for (const state of ['draft', 'under_review', 'active'] as const)
      plays.set(state, await world.playIn(state));
    for (const ago of ['89 days', '91 days', '17 months', '19 months', '83 months'])
      plays.set(ago, await retiredSince(ago));
  });

  it.each([
    ['hot', ['draft', 'under_review', 'active', '89 days']],
    ['warm', ['91 days', '17 months']],
    ['cold', ['19 months', '83 months']],
  ] as const)('%s holds %j, in its view and in the list', async (tier, names) => {
    const expected = new Set(names.map((name) => plays.get(name)));
    expect(await inView(tier)).toEqual(expected);
    const clock = manualClock(Date.now());
    const call = as(revops);
    const { items } = await listPlays.run({
      ...call,
      context: { ...call.context, clock },
      input: listPlays.input.parse({ tier, limit: 100 }),
    });
    expect(new Set(items.map(({ play_id }) => play_id))).toEqual(expected);
    for (const item of items) expect(item.tier).toBe(tier);
  });

  it('are separate for each org', async () => {
    const { rows } = await systemDb(db.app).query(
      `SELECT count(*)::int AS found FROM sales_play_library_hot`,
    );
    expect(rows).toEqual([{ found: 0 }]);
  });
});

describe('after seven years', () => {
  const removal = (ms: number) => removeOldPlays({ db: db.app, clock: manualClock(ms), org_id });
  const SEVEN_YEARS = '7 years';

  it('the words of a play and of its proposal are deleted; fields that touches refer to stay', async () => {
    const play_id = await retiredSince(SEVEN_YEARS);
    const young = await retiredSince('83 months');
    const before = await world.read(play_id);
    await removal(Date.now());
    const after = await world.read(play_id);
    const words = [
      ...['name', 'hypothesis', 'target_definition', 'suggested_cadence', 'success_criteria', 'drafted'],
      ...['edits_during_review', 'retrospective_outcomes', 'content_removed_at'],
    ];
    const rest = (row: Record<string, unknown>) =>
      Object.fromEntries(Object.entries(row).filter(([column]) => !words.includes(column)));
    expect(rest(after)).toEqual(rest(before));
    expect(after).toMatchObject({
      name: '(removed)',
      hypothesis: '(removed)',
      target_definition: {},
      drafted: {},
    });
    const { rows } = await db.query(
      `SELECT * FROM brain_analysis_log WHERE org_id = $1 AND proposal_id = $2`,
      [org_id, before.originating_proposal_id],
    );
    expect(rows).toMatchObject([
      { summary: '(removed)', analysis: '(removed)', evidence: {}, agent_id: 'AGT-901' },
    ]);
    expect((await world.read(young)).content_removed_at).toBeNull();
    // No other table keeps them either.
    const kept = await db.query(
      `SELECT 1 FROM audit_log WHERE org_id = $1 AND subject_key = $2 AND changes::text ~ 'Controllers who close|nine days'`,
      [org_id, play_id],
    );
    expect(kept.rows).toEqual([]);
  });

  it('a play is no longer listed or copied', async () => {
    const play_id = await retiredSince(SEVEN_YEARS);
    await removal(Date.now());
    const call = as(revops);
    await expect(getPlay.run({ ...call, input: { id: play_id } })).rejects.toMatchObject({
      code: 'not_found',
    });
    expect((await refused(async () => copy.run({ ...call, input: { id: play_id } } as never))).code).toBe(
      'not_found',
    );
    for (const tier of ['hot', 'warm', 'cold']) expect(await inView(tier)).not.toContain(play_id);
  });

  it('a proposal stays while a copy of its play is younger', async () => {
    const first = await retiredSince(SEVEN_YEARS);
    const { originating_proposal_id } = await world.read(first);
    world.clock.set(Date.now());
    const second = (await copy.run({
      ...as(revops),
      input: { id: first },
    } as never)) as { play_id: string };
    await removal(Date.now());
    const analysis = async () =>
      (
        await db.query(`SELECT analysis FROM brain_analysis_log WHERE proposal_id = $1`, [
          originating_proposal_id,
        ])
      ).rows[0]!.analysis;
    expect((await world.read(first)).content_removed_at).not.toBeNull();
    expect(await analysis()).toBe('Closing by hand takes nine days.');
    await world.as(
      'revops',
      `UPDATE sales_play_library SET state = 'retired', retire_reason = 'rejected_at_draft', retired_by_user_id = $2,
              retired_at = ${LATEST} WHERE play_id = $1`,
      [second.play_id, world.people.get('revops')],
    );
    const [{ later }] = (await db.query<{ later: Date }>(`SELECT now() + interval '7 years 1 hour' AS later`))
      .rows as [{ later: Date }];
    await removal(later.getTime());
    expect(await analysis()).toBe('(removed)');
  });

  it('many plays are removed in one run', async () => {
    const play_id = await retiredSince(SEVEN_YEARS);
    const own = await db.checkout();
    await own.query(`SET session_replication_role = replica`);
    await own.query(
      `INSERT INTO sales_play_library
       SELECT (jsonb_populate_record(p, jsonb_build_object('play_id', gen_random_uuid()))).*
       FROM sales_play_library p, generate_series(1, 450) WHERE p.play_id = $1`,
      [play_id],
    );
    await own.query(`SET session_replication_role = origin`);
    own.release();
    await removal(Date.now());
    const { rows } = await db.query(
      `SELECT count(*)::int AS left FROM sales_play_library
       WHERE org_id = $1 AND retired_at < now() - interval '7 years' AND content_removed_at IS NULL`,
      [org_id],
    );
    expect(rows).toEqual([{ left: 0 }]);
  });

  const REMOVE = `UPDATE sales_play_library SET name = '(removed)', hypothesis = '(removed)', target_definition = '{}',
    suggested_cadence = '{}', success_criteria = '{}', drafted = '{}', edits_during_review = NULL,
    retrospective_outcomes = NULL, content_removed_at = now()`;

  it.each([
    ['by RevOps', 'revops', SEVEN_YEARS, '', 'TL004'],
    ['without an actor', 'nobody', SEVEN_YEARS, '', 'TL004'],
    ['earlier', 'coordinator', '83 months', '', 'TL003'],
    ['with another retire reason', 'coordinator', SEVEN_YEARS, `, retire_reason = 'replaced'`, 'TL012'],
  ])('the database refuses a removal %s', async (_what, writer, ago, more, code) => {
    const play_id = await retiredSince(ago);
    const error = await world.as(writer, `${REMOVE}${more} WHERE play_id = $1`, [play_id]).catch((e) => e);
    expect(sqlState(error)).toBe(code);
  });

  it.each([
    ['that leaves words', `name = 'Month-end relief'`],
    ['that leaves its edits', `edits_during_review = '[]'`],
    ['that leaves its outcomes', `retrospective_outcomes = '{"notes": "x"}'`],
  ])('the database refuses a removal %s', async (_what, column) => {
    const play_id = await retiredSince(SEVEN_YEARS);
    const [name] = column.split(' ');
    const rest = REMOVE.split(/,\s+|SET /).filter((one) => !one.startsWith(`${name} `));
    const text = `${rest[0]}SET ${[...rest.slice(1), column].join(', ')} WHERE play_id = $1`;
    const error = await world.as('coordinator', text, [play_id]).catch((e) => e);
    expect([sqlState(error), error.constraint]).toEqual(['23514', 'sales_play_library_removed']);
  });

  it('removed words cannot be written again', async () => {
    const play_id = await retiredSince(SEVEN_YEARS);
    await removal(Date.now());
    for (const set of ['content_removed_at = NULL', `name = 'Again'`]) {
      const text = `UPDATE sales_play_library SET ${set} WHERE play_id = $1`;
      const error = await world.as('coordinator', text, [play_id]).catch((e) => e);
      expect(sqlState(error)).toBe('TL012');
    }
  });

  it.each(['coordinator', 'brain', 'revops', 'nobody'])(
    'no other statement changes a proposal: %s',
    async (writer) => {
      const { originating_proposal_id } = await world.read(await world.playIn('draft'));
      for (const set of [
        `analysis = 'Other'`,
        `summary = '(removed)', analysis = '(removed)', evidence = '{}', model = NULL, prompt_version = NULL,
       content_removed_at = now()`,
      ]) {
        const text = `UPDATE brain_analysis_log SET ${set} WHERE proposal_id = $1`;
        const error = await world.as(writer, text, [originating_proposal_id]).catch((e) => e);
        expect(sqlState(error)).toBe('TL003');
      }
    },
  );
});

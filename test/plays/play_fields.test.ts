import { describe, expect, it } from 'vitest';
import { sqlState } from '../../src/db/errors.ts';
import { PLAY_STATE_VALUES } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { createPlayWorld, INSERT_PLAY, PLAY, WRITERS, type Writer } from './play_world.ts';

/* Who may write which field of a play, and when. As the superuser: no refusal here is due to a missing right. */

const { db } = await testDatabase();
const world = await createPlayWorld(db);

async function outcome(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
    return 'allowed';
  } catch (error) {
    return sqlState(error) ?? String(error);
  }
}

describe('a draft', () => {
  it.each(WRITERS)('is inserted by %s only if that is the brain', async (writer) => {
    const segment = await world.addSegment();
    const play_id = await world.propose({ segment });
    const row = await world.read(play_id);
    const twin = { ...row, play_id: crypto.randomUUID() };
    const said = await outcome(() => world.as(writer, INSERT_PLAY, [JSON.stringify(twin)]));
    expect(said).toBe(writer === 'brain' ? 'allowed' : 'TL023');
  });

  it.each(WRITERS)('cannot be edited by %s', async (writer) => {
    const play_id = await world.playIn('draft');
    const text = `UPDATE sales_play_library SET hypothesis = 'Better' WHERE play_id = $1`;
    expect(await outcome(() => world.as(writer, text, [play_id]))).toMatch(/^TL0(05|22|24)$/);
  });

  it.each(['under_review', 'active', 'retired'] as const)('cannot start as %s', async (state) => {
    const play_id = await world.playIn('draft');
    const row = { ...(await world.read(play_id)), play_id: crypto.randomUUID(), state };
    expect(await outcome(() => world.as('brain', INSERT_PLAY, [JSON.stringify(row)]))).toBe('TL001');
  });
});

describe('a copy', () => {
  const COPY = `INSERT INTO sales_play_library SELECT (jsonb_populate_record(NULL::sales_play_library,
      jsonb_build_object('org_id', org_id, 'play_id', gen_random_uuid(), 'state', 'draft', 'scope', scope, 'segment', segment,
        'account_id', account_id, 'name', name, 'hypothesis', hypothesis, 'target_definition', target_definition,
        'suggested_cadence', suggested_cadence, 'success_criteria', success_criteria, 'created_at', now(), 'client_id', client_id,
        'originating_proposal_id', originating_proposal_id, 'writer_agent_id', writer_agent_id, 'drafted', '{}'::jsonb,
        'copied_from_play_id', play_id) || $2::jsonb)).*
    FROM sales_play_library WHERE play_id = $1`;

  it.each(WRITERS)('of a retired play is created by %s only with a role for it', async (writer) => {
    const play_id = await world.playIn('retired');
    const said = await outcome(() => world.as(writer, COPY, [play_id, '{}']));
    if (['revops', 'slm', 'both_roles'].includes(writer)) expect(said).toBe('allowed');
    else expect(said).toMatch(/^TL0(05|22)$/);
  });

  it.each(['draft', 'under_review', 'active'] as const)(
    'cannot be made of a play that is %s',
    async (state) => {
      const play_id = await world.playIn(state);
      expect(await outcome(() => world.as('revops', COPY, [play_id, '{}']))).toBe('TL023');
    },
  );

  it.each([
    { name: 'Something else' },
    { hypothesis: 'Something else' },
    { success_criteria: { acv: 1 } },
    { writer_agent_id: 'AGT-902' },
  ])('cannot start with other values: %o', async (other) => {
    const play_id = await world.playIn('retired');
    expect(await outcome(() => world.as('revops', COPY, [play_id, JSON.stringify(other)]))).toBe('TL023');
  });
});

describe('a field', () => {
  const CONTENT = {
    name: `'Another name'`,
    hypothesis: `'Another thesis'`,
    target_definition: `'{"icp_tiers": ["T3"]}'`,
    suggested_cadence: `'{"campaign_template": "b2bea_world"}'`,
    success_criteria: `'{"acv": 1}'`,
    active_period_start: `'2027-01-01'`,
    active_period_end: `'2028-01-01'`,
    client_id: `'dreamborn'`,
  };
  const EDITORS: readonly Writer[] = ['revops', 'slm', 'both_roles'];

  it.each(Object.entries(CONTENT))(
    '%s is edited under review, with permission only',
    async (column, value) => {
      for (const writer of WRITERS) {
        const play_id = await world.playIn('under_review');
        const said = await outcome(() =>
          world.as(writer, `UPDATE sales_play_library SET ${column} = ${value} WHERE play_id = $1`, [
            play_id,
          ]),
        );
        expect([writer, said === 'allowed']).toEqual([writer, EDITORS.includes(writer)]);
        const log = (await world.read(play_id)).edits_during_review as { patch: { path: string }[] }[] | null;
        expect(log?.length ?? 0).toBe(said === 'allowed' ? 1 : 0);
        if (log) expect(log[0]!.patch.every(({ path }) => path.split('/')[1] === column)).toBe(true);
      }
    },
  );

  it.each(
    (['active', 'retired'] as const).flatMap((state) =>
      Object.entries(CONTENT).map(([column, value]) => ({ state, column, value })),
    ),
  )('$column of a play that is $state cannot be edited', async ({ state, column, value }) => {
    const play_id = await world.playIn(state);
    const text = `UPDATE sales_play_library SET ${column} = ${value} WHERE play_id = $1`;
    for (const writer of ['revops', 'both_roles', 'coordinator', 'nobody'] as const)
      expect(await outcome(() => world.as(writer, text, [play_id]))).toMatch(/^TL0(05|22|24)$/);
  });

  it.each([
    [`scope = 'account_specific', segment = NULL, account_id = gen_random_uuid()`, 'TL012'],
    [`segment = 'segment_1'`, 'TL012'],
    [`writer_agent_id = 'AGT-902'`, 'TL012'],
    [`originating_proposal_id = gen_random_uuid()`, 'TL012'],
    [`created_at = now()`, 'TL012'],
    [`drafted = '{}'`, 'TL012'],
    [`play_id = gen_random_uuid()`, 'TL012'],
    [`org_id = gen_random_uuid()`, 'TL012'],
    [`edits_during_review = '[]'`, 'TL003'],
    [`picked_up_at = '2020-01-01'`, 'TL024'],
    [`picked_up_by_user_id = NULL, picked_up_at = NULL`, 'TL024'],
  ])('never changes by %s', async (change, code) => {
    const play_id = await world.playIn('under_review', { segment: await world.addSegment() });
    for (const writer of ['revops', 'both_roles', 'coordinator', 'nobody'] as const)
      expect(
        await outcome(() =>
          world.as(writer, `UPDATE sales_play_library SET ${change} WHERE play_id = $1`, [play_id]),
        ),
      ).toBe(code);
  });

  it('retrospective_outcomes is written by RevOps, for a play that ran', async () => {
    for (const state of PLAY_STATE_VALUES) {
      const play_id = await world.playIn(state);
      for (const writer of WRITERS) {
        const text = `UPDATE sales_play_library SET retrospective_outcomes = '{"quarter": "2026-Q4", "notes": "${writer}"}' WHERE play_id = $1`;
        const said = await outcome(() => world.as(writer, text, [play_id]));
        const may = ['active', 'retired'].includes(state) && ['revops', 'both_roles'].includes(writer);
        expect([state, writer, said === 'allowed']).toEqual([state, writer, may]);
      }
    }
  });
});

describe('a play', () => {
  it.each(PLAY_STATE_VALUES)('that is %s cannot be deleted', async (state) => {
    const play_id = await world.playIn(state);
    for (const writer of WRITERS)
      expect(
        await outcome(() => world.as(writer, `DELETE FROM sales_play_library WHERE play_id = $1`, [play_id])),
      ).toBe('TL003');
  });

  it('cannot be truncated', async () => {
    expect(await outcome(() => db.query('TRUNCATE sales_play_library CASCADE'))).toBe('TL003');
  });

  it('keeps its original draft', async () => {
    const play_id = await world.playIn('under_review');
    await world.as('revops', `UPDATE sales_play_library SET name = 'Shorter' WHERE play_id = $1`, [play_id]);
    expect((await world.read(play_id)).drafted).toEqual({ ...PLAY, client_id: 'b2bea' });
  });
});

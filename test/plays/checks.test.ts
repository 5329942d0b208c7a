import { describe, expect, it } from 'vitest';
import { transaction } from '../../src/db/pool.ts';
import { newId } from '../../src/ids.ts';
import { testDatabase } from '../database.ts';
import { createPlayWorld, INSERT_PLAY, LATEST } from './play_world.ts';

/* Every check, index and key of the specification, attacked with SQL as the product's own role. */

const { db } = await testDatabase();
const world = await createPlayWorld(db);

type Refused = { code?: string; constraint?: string; message: string };

async function refusal(run: () => Promise<unknown>): Promise<Refused | null> {
  return run().then(
    () => null,
    (error: Refused) => ({ code: error.code!, constraint: error.constraint!, message: error.message }),
  );
}

/** With the role of the product. */
const as = (writer: string, text: string, values: readonly unknown[] = []) =>
  transaction(db.app, world.actors[writer]!, (tx) => tx.query(text, values));

async function insert(columns: Record<string, unknown>): Promise<Refused | null> {
  const template = await world.read(await world.propose());
  const row = { ...template, play_id: newId(world.clock), ...columns };
  return refusal(() => as('brain', INSERT_PLAY, [JSON.stringify(row)]));
}

const account = async () => {
  const lead_id = await world.addLead();
  const [lead] = await world.rows<{ account_id: string }>('leads', `id = '${lead_id}'`);
  return lead!.account_id;
};

describe('a play with a wrong', () => {
  it.each([
    ['scope: a segment play without segment', { segment: null }, 'sales_play_library_scope'],
    [
      'scope: an account play without account',
      { scope: 'account_specific', segment: null },
      'sales_play_library_scope',
    ],
    ['scope: an account play with a segment', { scope: 'account_specific' }, 'sales_play_library_scope'],
    ['hypothesis: empty', { hypothesis: '\n' }, 'sales_play_library_hypothesis'],
    [
      'period',
      { active_period_start: '2027-02-01', active_period_end: '2027-01-31' },
      'sales_play_library_period',
    ],
    [
      'approver in a draft',
      { slm_approver_user_id: world.people.get('slm'), slm_approved_at: '2026-11-24' },
      'sales_play_library_untouched_draft',
    ],
    ['outcomes in a draft', { retrospective_outcomes: {} }, 'sales_play_library_untouched_draft'],
    ['activation in a draft', { activated_at: '2026-11-24' }, 'sales_play_library_activated'],
    [
      'retirement in a draft',
      {
        retired_at: '2026-11-24',
        retired_by_user_id: world.people.get('revops'),
        retire_reason: 'rejected_at_draft',
      },
      'sales_play_library_retired',
    ],
    [
      'pick-up in a draft',
      { picked_up_at: '2026-11-24', picked_up_by_user_id: world.people.get('slm') },
      'sales_play_library_picked_up',
    ],
  ])('%s is refused', async (_what, columns, constraint) => {
    expect(await insert(columns)).toMatchObject({ code: '23514', constraint });
  });

  it('empty name is refused, like any text that makes no header', async () => {
    expect(await insert({ name: ' ' })).toMatchObject({ code: 'TL063' });
  });

  it('account and segment at once is refused', async () => {
    expect(await insert({ account_id: await account() })).toMatchObject({
      constraint: 'sales_play_library_scope',
    });
  });

  it.each([
    ['segment', { segment: 'nowhere' }],
    ['account', { scope: 'account_specific', segment: null, account_id: newId(world.clock) }],
    ['proposal', { originating_proposal_id: newId(world.clock) }],
    ['client', { client_id: 'nobody' }],
  ])('%s that does not exist is refused', async (_what, columns) => {
    expect(await insert(columns)).toMatchObject({ code: '23503' });
  });

  it('writer is refused: only the two brains may write one', async () => {
    const template = await world.read(await world.propose());
    const row = { ...template, play_id: newId(world.clock), writer_agent_id: 'roles.bdr' };
    expect(await refusal(() => as('role_agent', INSERT_PLAY, [JSON.stringify(row)]))).toMatchObject({
      constraint: 'sales_play_library_writer',
    });
  });

  it('proposal of another brain is refused', async () => {
    const template = await world.read(await world.propose({}, 'other_brain'));
    const row = { ...template, play_id: newId(world.clock), writer_agent_id: 'AGT-901' };
    expect(await refusal(() => as('brain', INSERT_PLAY, [JSON.stringify(row)]))).toMatchObject({
      constraint: 'sales_play_library_proposal',
    });
  });

  it.each([
    'name',
    'hypothesis',
    'target_definition',
    'suggested_cadence',
    'success_criteria',
    'originating_proposal_id',
    'writer_agent_id',
    'scope',
    'created_at',
  ])('%s that is missing is refused', async (column) => {
    const said = await insert({ [column]: null });
    expect(said?.code).toMatch(/^(23502|23514|TL023)$/);
  });

  it('name of more than 128 characters, or agent id of more than 16, is refused', async () => {
    expect(await insert({ name: 'x'.repeat(129) })).toMatchObject({ code: '22001' });
    expect(await insert({ writer_agent_id: 'x'.repeat(17) })).toMatchObject({ code: '22001' });
  });
});

describe('an active play', () => {
  const activate = (set = '') =>
    `UPDATE sales_play_library SET state = 'active', activated_at = ${LATEST}${set} WHERE play_id = $1`;

  it.each(['slm', 'revops'] as const)('has a person’s approval as %s', async (missing) => {
    const play_id = await world.playIn('under_review');
    const given = missing === 'slm' ? 'revops' : 'slm';
    await world.approve(play_id, given, given);
    expect(await refusal(() => as(given, activate(), [play_id]))).toMatchObject({
      constraint: 'sales_play_library_active',
    });
  });

  it('has an activation time and a brand', async () => {
    const play_id = await world.playIn('under_review', { client_id: null });
    await world.approve(play_id, 'slm', 'slm');
    await world.approve(play_id, 'revops', 'revops');
    expect(await refusal(() => as('slm', activate(), [play_id]))).toMatchObject({
      constraint: 'sales_play_library_active',
    });
    const timeless = `UPDATE sales_play_library SET state = 'active' WHERE play_id = $1`;
    expect(await refusal(() => as('slm', timeless, [play_id]))).toMatchObject({
      constraint: 'sales_play_library_active',
    });
  });

  it('begins on the day of its activation by default', async () => {
    const play_id = await world.playIn('active');
    const { rows } = await db.query<{ same: boolean }>(
      `SELECT active_period_start = (activated_at AT TIME ZONE 'Europe/London')::date AS same FROM sales_play_library WHERE play_id = $1`,
      [play_id],
    );
    expect(rows[0]!.same).toBe(true);
  });

  it('is the only one of its account', async () => {
    const account_id = await account();
    const columns = { scope: 'account_specific', account_id };
    await world.playIn('active', columns);
    const second = await world.playIn('under_review', columns);
    await world.approve(second, 'slm', 'slm');
    await world.approve(second, 'revops', 'revops');
    expect(await refusal(() => as('slm', activate(), [second]))).toMatchObject({ code: 'TL027' });
  });

  it('counts toward the cap of its segment', async () => {
    const segment = await world.addSegment();
    await as(
      'revops',
      `INSERT INTO sales_play_library_config (org_id, segment, max_active_plays, updated_by_user_id) VALUES ($1, $2, 3, $3)`,
      [world.org_id, segment, world.people.get('revops')],
    );
    for (let n = 0; n < 3; n += 1) await world.playIn('active', { segment });
    const fourth = await world.playIn('under_review', { segment });
    await world.approve(fourth, 'slm', 'slm');
    await world.approve(fourth, 'revops', 'revops');
    const said = await refusal(() => as('slm', activate(), [fourth]));
    expect(said).toMatchObject({
      code: 'TL026',
      message: `segment ${segment} has 3 active plays, and its cap is 3`,
    });
    const [first] = await world.rows<{ play_id: string }>(
      'sales_play_library',
      `segment = '${segment}' AND state = 'active'`,
    );
    await as(
      'revops',
      `UPDATE sales_play_library SET state = 'retired', retired_at = ${LATEST}, retired_by_user_id = $2, retire_reason = 'replaced' WHERE play_id = $1`,
      [first!.play_id, world.people.get('revops')],
    );
    expect(await refusal(() => as('slm', activate(), [fourth]))).toBeNull();
  });
});

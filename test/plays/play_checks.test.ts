import { describe, expect, it } from 'vitest';
import { transaction } from '../../src/db/pool.ts';
import { newId } from '../../src/ids.ts';
import { successCriteria, suggestedCadence, targetDefinition } from '../../src/operations/play_documents.ts';
import { testDatabase } from '../database.ts';
import { createPlayWorld, INSERT_PLAY, PLAY } from './play_world.ts';

/* Every check, index and key of the specification, broken with SQL as the product's own role. */

const { db } = await testDatabase();
const world = await createPlayWorld(db);

type Refused = { code?: string; constraint?: string; message: string };

async function refusal(run: () => Promise<unknown>): Promise<Refused | null> {
  return run().then(
    () => null,
    (error: Refused) => ({ code: error.code!, constraint: error.constraint!, message: error.message }),
  );
}

/** As the role that the product works as. */
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
    ['name: empty', { name: ' ' }, 'sales_play_library_name_check'],
    ['hypothesis: empty', { hypothesis: '\n' }, 'sales_play_library_hypothesis_check'],
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

  it('writer is refused: only the two brains', async () => {
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
    `UPDATE sales_play_library SET state = 'active', activated_at = now()${set} WHERE play_id = $1`;

  it.each(['slm', 'revops'] as const)('has the approval of a person as %s', async (missing) => {
    const play_id = await world.playIn('under_review');
    const given = missing === 'slm' ? 'revops' : 'slm';
    await world.approve(play_id, given, given);
    expect(await refusal(() => as(given, activate(), [play_id]))).toMatchObject({
      constraint: 'sales_play_library_active',
    });
  });

  it('has the time of its activation and a client', async () => {
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

  it('begins on the day of its activation where nobody said otherwise', async () => {
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

  it('is one of as many as its segment may have', async () => {
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
      `UPDATE sales_play_library SET state = 'retired', retired_at = now(), retired_by_user_id = $2, retire_reason = 'replaced' WHERE play_id = $1`,
      [first!.play_id, world.people.get('revops')],
    );
    expect(await refusal(() => as('slm', activate(), [fourth]))).toBeNull();
  });
});

describe('a retired play', () => {
  const retire = `UPDATE sales_play_library SET state = 'retired', retired_at = $2, retired_by_user_id = $3, retire_reason = $4::retire_reason WHERE play_id = $1`;

  it.each([
    ['draft', 'completed'],
    ['draft', 'rejected_at_review'],
    ['under_review', 'rejected_at_draft'],
    ['under_review', 'poor_performance'],
    ['active', 'rejected_at_draft'],
    ['active', 'rejected_at_review'],
  ] as const)('from %s does not say %s', async (state, why) => {
    const play_id = await world.playIn(state);
    const said = await refusal(() =>
      as('revops', retire, [play_id, new Date(), world.people.get('revops'), why]),
    );
    expect(said).toMatchObject({ constraint: 'sales_play_library_retire_reason' });
  });

  it('says when, by whom and why', async () => {
    const play_id = await world.playIn('active');
    const user_id = world.people.get('revops');
    expect(await refusal(() => as('revops', retire, [play_id, null, user_id, 'completed']))).toMatchObject({
      constraint: 'sales_play_library_retired',
    });
    expect(await refusal(() => as('revops', retire, [play_id, new Date(), user_id, null]))).not.toBeNull();
    expect(await refusal(() => as('revops', retire, [play_id, new Date(), null, 'completed']))).toMatchObject(
      { code: 'TL005' },
    );
    expect(
      await refusal(() => as('revops', retire, [play_id, new Date(), world.people.get('slm'), 'completed'])),
    ).toMatchObject({ code: 'TL005' });
  });

  it('is retired by itself only when that is configured and its period is over', async () => {
    const sunset = `UPDATE sales_play_library SET state = 'retired', retired_at = $2, retire_reason = 'auto_sunset' WHERE play_id = $1`;
    const past = { active_period_start: '2026-01-01', active_period_end: '2026-01-31' };
    const over = await world.playIn('active', past);
    const running = await world.playIn('active');
    expect(await refusal(() => as('coordinator', sunset, [over, new Date()]))).toMatchObject({
      code: 'TL001',
    });
    await as(
      'revops',
      `UPDATE sales_play_library_config SET auto_sunset = true, updated_by_user_id = $2 WHERE org_id = $1 AND segment IS NULL`,
      [world.org_id, world.people.get('revops')],
    );
    expect(await refusal(() => as('coordinator', sunset, [running, new Date()]))).toMatchObject({
      code: 'TL001',
    });
    expect(await refusal(() => as('revops', sunset, [over, new Date()]))).toMatchObject({ code: 'TL004' });
    expect(await refusal(() => as('coordinator', sunset, [over, new Date()]))).toBeNull();
  });
});

describe('the config', () => {
  const put = (cap: number) =>
    as(
      'revops',
      `UPDATE sales_play_library_config SET max_active_plays = $2, updated_by_user_id = $3 WHERE org_id = $1 AND segment IS NULL`,
      [world.org_id, cap, world.people.get('revops')],
    );

  it.each([2, 9, 0, -1])('has no cap of %i', async (cap) => {
    expect(await refusal(() => put(cap))).toMatchObject({ constraint: 'sales_play_library_config_cap' });
  });

  it('begins with 5, and takes 3 to 8', async () => {
    const [config] = await world.rows<{ max_active_plays: number }>(
      'sales_play_library_config',
      'segment IS NULL',
    );
    expect(config!.max_active_plays).toBe(5);
    for (const cap of [3, 8, 5]) expect(await refusal(() => put(cap))).toBeNull();
  });

  it.each(['slm', 'rep', 'brain', 'coordinator'])('is not changed by %s', async (writer) => {
    const text = `UPDATE sales_play_library_config SET max_active_plays = 8, updated_by_user_id = $2 WHERE org_id = $1 AND segment IS NULL`;
    const said = await refusal(() => as(writer, text, [world.org_id, world.people.get('slm')]));
    expect(said?.code).toMatch(/^TL0(05|22)$/);
  });

  it('of the org stays', async () => {
    expect(
      await refusal(() => as('revops', `DELETE FROM sales_play_library_config WHERE segment IS NULL`)),
    ).toMatchObject({ code: 'TL003' });
  });
});

describe('a proposal', () => {
  it('stays as the brain wrote it', async () => {
    await world.propose();
    for (const text of [`UPDATE brain_analysis_log SET analysis = 'other'`, `DELETE FROM brain_analysis_log`])
      expect(await refusal(() => as('brain', text))).toMatchObject({
        code: expect.stringMatching(/^(TL003|42501)$/),
      });
  });

  it.each(['revops', 'other_brain', 'coordinator'])(
    'is not written by %s in the name of a brain',
    async (writer) => {
      const text = `INSERT INTO brain_analysis_log (org_id, proposal_id, agent_id, summary, analysis, created_at)
      VALUES ($1, gen_random_uuid(), 'AGT-901', 'a', 'b', now())`;
      expect(await refusal(() => as(writer, text, [world.org_id]))).toMatchObject({ code: 'TL023' });
    },
  );
});

/** Each document, and the place that both the product and the database name; null where it is right. */
const TARGETS: [unknown, string | null][] = [
  [{}, null],
  [
    {
      icp_tiers: ['T1'],
      segments: [],
      verticals: ['retail'],
      lifecycle_stages: ['mql'],
      titles: ['CFO'],
      intent_signals: { any: ['pricing_page'], all: [] },
    },
    null,
  ],
  [[], 'target_definition'],
  ['T1', 'target_definition'],
  [{ tiers: ['T1'] }, 'target_definition.tiers'],
  [{ icp_tiers: ['T4'] }, 'target_definition.icp_tiers'],
  [{ icp_tiers: 'T1' }, 'target_definition.icp_tiers'],
  [{ icp_tiers: ['T1', 'T1'] }, 'target_definition.icp_tiers'],
  [{ verticals: [''] }, 'target_definition.verticals'],
  [{ verticals: [1] }, 'target_definition.verticals'],
  [{ titles: ['x'.repeat(201)] }, 'target_definition.titles'],
  [{ titles: Array.from({ length: 201 }, (_, n) => `t${n}`) }, 'target_definition.titles'],
  [{ intent_signals: ['a'] }, 'target_definition.intent_signals'],
  [{ intent_signals: { some: ['a'] } }, 'target_definition.intent_signals.some'],
  [{ intent_signals: { any: 'a' } }, 'target_definition.intent_signals.any'],
  [{ intent_signals: null }, 'target_definition.intent_signals'],
];
const STEP = PLAY.suggested_cadence.steps[0]!;
const CADENCES: [unknown, string | null][] = [
  [{ steps: [STEP] }, null],
  [{ campaign_template: 'b2bea_world', touch_count: 2, channel_mix: { email: 2 } }, null],
  [{ steps: [{ ...STEP, template: { subject: 'Hi', body: 'Hello' } }] }, null],
  [{}, 'suggested_cadence'],
  [[], 'suggested_cadence'],
  [{ steps: [STEP], campaign_template: 'a' }, 'suggested_cadence'],
  [{ steps: [] }, 'suggested_cadence.steps'],
  [{ steps: 'none' }, 'suggested_cadence.steps'],
  [{ steps: [STEP], send_rule: 'pre_approved' }, 'suggested_cadence.send_rule'],
  [{ campaign_template: 'No Slug' }, 'suggested_cadence.campaign_template'],
  [{ campaign_template: 5 }, 'suggested_cadence.campaign_template'],
  [{ steps: [{ ...STEP, delay_days: -1 }] }, 'suggested_cadence.steps[0].delay_days'],
  [{ steps: [{ ...STEP, delay_days: 1.5 }] }, 'suggested_cadence.steps[0].delay_days'],
  [{ steps: [{ ...STEP, delay_days: '1' }] }, 'suggested_cadence.steps[0].delay_days'],
  [{ steps: [{ ...STEP, delay_days: 3651 }] }, 'suggested_cadence.steps[0].delay_days'],
  [
    {
      steps: [
        { ...STEP, delay_days: 3 },
        { ...STEP, delay_days: 2 },
      ],
    },
    'suggested_cadence.steps[1].delay_days',
  ],
  [{ steps: [STEP, { ...STEP, channel: 'fax' }] }, 'suggested_cadence.steps[1].channel'],
  [{ steps: [{ ...STEP, content_type: 'spam' }] }, 'suggested_cadence.steps[0].content_type'],
  [{ steps: [{ ...STEP, template_instructions: ' ' }] }, 'suggested_cadence.steps[0].template_instructions'],
  [{ steps: [{ ...STEP, subject: 'Hi' }] }, 'suggested_cadence.steps[0].subject'],
  [
    { steps: [{ delay_days: 0, channel: 'email', content_type: 'proof' }] },
    'suggested_cadence.steps[0].template_instructions',
  ],
  [
    { steps: [{ ...STEP, requires_personal_send: 'yes' }] },
    'suggested_cadence.steps[0].requires_personal_send',
  ],
  [{ steps: [{ ...STEP, template: { body: 'Hello' } }] }, 'suggested_cadence.steps[0].template.subject'],
  [
    { steps: [{ ...STEP, channel: 'linkedin', template: { subject: 'Hi', body: 'Hello' } }] },
    'suggested_cadence.steps[0].template.subject',
  ],
  [{ steps: [{ ...STEP, template: { subject: 'Hi' } }] }, 'suggested_cadence.steps[0].template.body'],
  [{ steps: [null] }, 'suggested_cadence.steps[0]'],
  [{ steps: [STEP], touch_count: 2 }, 'suggested_cadence.touch_count'],
  [{ steps: [STEP], touch_count: '1' }, 'suggested_cadence.touch_count'],
  [{ steps: [STEP], channel_mix: { linkedin: 1 } }, 'suggested_cadence.channel_mix'],
  [{ steps: [STEP], channel_mix: { fax: 1 } }, 'suggested_cadence.channel_mix'],
];
const CRITERIA: [unknown, string | null][] = [
  [{ meeting_rate: 0.08 }, null],
  [{ meeting_rate: 1, opp_create_rate: 0.0001, acv: 24_000 }, null],
  [{}, 'success_criteria'],
  [[], 'success_criteria'],
  [{ meeting_rate: 0 }, 'success_criteria.meeting_rate'],
  [{ meeting_rate: 1.1 }, 'success_criteria.meeting_rate'],
  [{ meeting_rate: '8 %' }, 'success_criteria.meeting_rate'],
  [{ opp_create_rate: -1 }, 'success_criteria.opp_create_rate'],
  [{ acv: 0 }, 'success_criteria.acv'],
  [{ acv: 1e13 }, 'success_criteria.acv'],
  [{ win_rate: 0.2 }, 'success_criteria.win_rate'],
];

describe('the product and the database', () => {
  const DOCUMENTS = [
    { column: 'target_definition', schema: targetDefinition, cases: TARGETS },
    { column: 'suggested_cadence', schema: suggestedCadence, cases: CADENCES },
    { column: 'success_criteria', schema: successCriteria, cases: CRITERIA },
  ];
  it.each(
    DOCUMENTS.flatMap(({ column, schema, cases }) =>
      cases.map(([document, place]) => ({ column, schema, document, place })),
    ),
  )('say the same of $column $document', async ({ column, schema, document, place }) => {
    const said = await insert({ [column]: document });
    if (place === null) expect(said).toBeNull();
    else {
      expect(said).toMatchObject({ code: '23514', constraint: `sales_play_library_${column}` });
      expect(said!.message.split(':')[0]).toBe(place);
    }
    const parsed = schema.safeParse(document);
    expect(parsed.success).toBe(place === null);
    if (parsed.success || place === null) return;
    const places = parsed.error.issues.flatMap((issue) => {
      const path = [column, ...issue.path];
      return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...path, key]) : [path];
    });
    const wanted = place.replaceAll('[', '.').replaceAll(']', '');
    expect(places.some((path) => path.join('.').startsWith(wanted))).toBe(true);
  });

  it('keep a play in its own segment', async () => {
    const segment = await world.addSegment();
    expect(await insert({ segment, target_definition: { segments: ['elsewhere'] } })).toMatchObject({
      code: '23514',
    });
    expect(await insert({ segment, target_definition: { segments: [segment, 'elsewhere'] } })).toBeNull();
  });
});

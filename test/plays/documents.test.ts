import { describe, expect, it } from 'vitest';
import { hasWords } from '../../src/core/words.ts';
import { systemDb } from '../../src/db/acting.ts';
import { transaction } from '../../src/db/pool.ts';
import { newId } from '../../src/ids.ts';
import { successCriteria, suggestedCadence, targetDefinition } from '../../src/operations/plays/documents.ts';
import { outcomes } from '../../src/operations/plays/output.ts';
import { segmentName } from '../../src/operations/plays/plays.ts';
import { testDatabase } from '../database.ts';
import { createPlayWorld, INSERT_PLAY, PLAY } from './play_world.ts';

/* The documents of a play: product and database refuse the same ones, at the same place. */

const { db } = await testDatabase();
const world = await createPlayWorld(db);

type Refused = { code: string; constraint: string; message: string };

/** Drafts a play with another document, as the product's own role. */
async function insert(columns: Record<string, unknown>): Promise<Refused | null> {
  const template = await world.read(await world.propose());
  const row = { ...template, play_id: newId(world.clock), ...columns };
  return transaction(db.app, world.actors.brain!, (tx) => tx.query(INSERT_PLAY, [JSON.stringify(row)])).then(
    () => null,
    ({ code, constraint, message }: Refused) => ({ code, constraint, message }),
  );
}

/** Each document, and the place that both product and database name; null if it is valid. */
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
  // Counted in code points.
  [{ titles: ['\u{1F600}'.repeat(200)] }, null],
  [{ titles: ['\u{1F600}'.repeat(201)] }, 'target_definition.titles'],
  ...['\u0085', '\u00a0', '\u200b', '\u2003', '\u3000', '\ufeff'].map((blank): [unknown, string | null] => [
    { titles: [blank] },
    'target_definition.titles',
  ]),
  [{ titles: Array.from({ length: 201 }, (_, n) => `t${n}`) }, 'target_definition.titles'],
  [{ titles: Array.from({ length: 20 }, (_, n) => `${n}`.padStart(200, 't')) }, null],
  [
    { titles: ['x', ...Array.from({ length: 20 }, (_, n) => `${n}`.padStart(200, 't'))] },
    'target_definition.titles',
  ],
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
  [{ meeting_rate: 1e-6, acv: 1e-6 }, null],
  [{ meeting_rate: 1e-320 }, 'success_criteria.meeting_rate'],
  [{ opp_create_rate: 9e-7 }, 'success_criteria.opp_create_rate'],
  [{ acv: 1e-320 }, 'success_criteria.acv'],
  [{ acv: 0 }, 'success_criteria.acv'],
  [{ acv: 1e13 }, 'success_criteria.acv'],
  [{ win_rate: 0.2 }, 'success_criteria.win_rate'],
];

const QUARTER = { quarter: '2026-Q4' };
const OUTCOMES: [unknown, string | null][] = [
  [QUARTER, null],
  [{ ...QUARTER, meeting_rate: 0, opp_create_rate: 1, acv: 0, notes: 'It went well.' }, null],
  [{ ...QUARTER, notes: 'x'.repeat(5_000), acv: 1e12, meeting_rate: 1e-320 }, null],
  [{}, 'retrospective_outcomes.quarter'],
  [[], 'retrospective_outcomes'],
  ['well', 'retrospective_outcomes'],
  [{ quarter: '2026-Q5' }, 'retrospective_outcomes.quarter'],
  [{ quarter: '2026-Q4\n' }, 'retrospective_outcomes.quarter'],
  [{ quarter: '\u0662026-Q4' }, 'retrospective_outcomes.quarter'],
  [{ quarter: 4 }, 'retrospective_outcomes.quarter'],
  [{ ...QUARTER, win_rate: 1 }, 'retrospective_outcomes.win_rate'],
  [{ ...QUARTER, meeting_rate: -0.1 }, 'retrospective_outcomes.meeting_rate'],
  [{ ...QUARTER, meeting_rate: '1' }, 'retrospective_outcomes.meeting_rate'],
  [{ ...QUARTER, opp_create_rate: 1.1 }, 'retrospective_outcomes.opp_create_rate'],
  [{ ...QUARTER, acv: null }, 'retrospective_outcomes.acv'],
  [{ ...QUARTER, acv: 1e13 }, 'retrospective_outcomes.acv'],
  [{ ...QUARTER, notes: ' ' }, 'retrospective_outcomes.notes'],
  [{ ...QUARTER, notes: '\u200b' }, 'retrospective_outcomes.notes'],
  [{ ...QUARTER, notes: 'x'.repeat(5_001) }, 'retrospective_outcomes.notes'],
  [{ ...QUARTER, notes: ['x'] }, 'retrospective_outcomes.notes'],
];

let retired_id: string | undefined;

/** Records the results of a play, as the product's own role. */
async function judge(document: unknown): Promise<Refused | null> {
  retired_id ??= await world.playIn('retired');
  const text = 'UPDATE sales_play_library SET retrospective_outcomes = $2::jsonb WHERE play_id = $1';
  return transaction(db.app, world.actors.revops!, (tx) =>
    tx.query(text, [retired_id, JSON.stringify(document)]),
  ).then(
    () => null,
    ({ code, constraint, message }: Refused) => ({ code, constraint, message }),
  );
}

describe('the product and the database', () => {
  const DOCUMENTS = [
    { column: 'target_definition', schema: targetDefinition, cases: TARGETS },
    { column: 'suggested_cadence', schema: suggestedCadence, cases: CADENCES },
    { column: 'success_criteria', schema: successCriteria, cases: CRITERIA },
    { column: 'retrospective_outcomes', schema: outcomes.strict(), cases: OUTCOMES },
  ];
  it.each(
    DOCUMENTS.flatMap(({ column, schema, cases }) =>
      cases.map(([document, place]) => ({ column, schema, document, place })),
    ),
  )('agree on $column $document', async ({ column, schema, document, place }) => {
    const said =
      column === 'retrospective_outcomes' ? await judge(document) : await insert({ [column]: document });
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

  const CODE_POINTS = Array.from({ length: 0x10_ffff }, (_, n) => n + 1).filter(
    (n) => (n < 0xd800 || n > 0xdfff) && (n < 0x1_4000 || n >> 12 === 0xe0 || n % 97 === 0),
  );

  it('define blank by the same characters', async () => {
    const { rows } = await systemDb(db.app).query<{ blank: number[] }>(
      'SELECT array_agg(n) AS blank FROM unnest($1::int[]) n WHERE NOT has_words(chr(n))',
      [CODE_POINTS],
    );
    expect(rows[0]!.blank).toEqual(CODE_POINTS.filter((n) => !hasWords(String.fromCodePoint(n))));
    expect(rows[0]!.blank.length).toBeGreaterThan(100);
  });

  it('accept the same segment labels', async () => {
    const labels = CODE_POINTS.filter((n) => n < 0x3100 || n > 0xfe00)
      .map((n) => String.fromCodePoint(n))
      .flatMap((one) => [one, `${one}a`, `a${one}`, `a${one}a`]);
    const { rows } = await db.query<{ rule: string }>(
      `SELECT pg_get_expr(conbin, conrelid) AS rule FROM pg_constraint WHERE conname = 'territory_definitions_segment'`,
    );
    const { rows: taken } = await db.query<{ segment: string }>(
      `SELECT segment FROM unnest($1::text[]) WITH ORDINALITY l (segment, n) WHERE ${rows[0]!.rule} ORDER BY n`,
      [labels],
    );
    expect(taken.map(({ segment }) => segment)).toEqual(
      labels.filter((one) => segmentName.safeParse(one).success),
    );
  });

  it('keep a play in its own segment', async () => {
    const segment = await world.addSegment();
    expect(await insert({ segment, target_definition: { segments: ['elsewhere'] } })).toMatchObject({
      code: '23514',
    });
    expect(await insert({ segment, target_definition: { segments: [segment, 'elsewhere'] } })).toBeNull();
  });
});

import { describe, expect, it } from 'vitest';
import { playSteps } from '../../src/coordinator/plays/plays.ts';
import type { SuggestedCadence } from '../../src/core/plays/cadence.ts';
import { sqlState } from '../../src/db/errors.ts';
import { AppError } from '../../src/errors.ts';
import { campaignOperations } from '../../src/operations/campaigns/campaigns.ts';
import type { CampaignSequencesRow } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { createPlayRunWorld, type PlayRunWorld } from './play_run_world.ts';

/* An active play becomes a campaign once, by the first process that gets there. */

const { db } = await testDatabase();
const world = await createPlayRunWorld(db);

async function refusal(running: Promise<unknown>): Promise<AppError> {
  const error = await running.then(
    () => new Error('it was not refused'),
    (caught: unknown) => caught,
  );
  if (error instanceof AppError) return error;
  throw error;
}

const stepsOf = (campaign_id: string) =>
  world.rows<CampaignSequencesRow>(
    'campaign_sequences',
    `campaign_id = '${campaign_id}' ORDER BY step_number`,
  );

const checked = (of: PlayRunWorld, cadence: SuggestedCadence) =>
  of.asCoordinator((scope) => playSteps(scope.tx, of.org_id, cadence));

const step = {
  delay_days: 0,
  channel: 'email',
  content_type: 'follow_up',
  template_instructions: 'Ask.',
} as const;

describe('the campaign of a play', () => {
  it('has its lineage, its steps and a readable slug, and is created once', async () => {
    const linkedin = { ...step, delay_days: 3, channel: 'linkedin', template: { body: 'Hello' } };
    const email = { ...step, template: { subject: 'On {{ account.name }}', body: 'Hi' } };
    const play_id = await world.playIn('active', {
      name: 'Écrans & Month-end relief: the very long story of it all',
      suggested_cadence: { steps: [email, linkedin] },
    });
    const made = await Promise.all(Array.from({ length: 8 }, () => world.compile(play_id)));
    expect(new Set(made).size).toBe(1);
    const play = await world.read(play_id);
    const campaign = await world.campaign(play_id);
    expect(campaign).toMatchObject({
      id: made[0],
      slug: `ecrans_month_end_relief_the_very_long_st_${play_id.replaceAll('-', '').slice(-12)}`,
      name: play.name,
      client_id: 'b2bea',
      type: 'play',
      owner_role: 'AGT-301',
      status: 'active',
      sequence_type: 'prospecting',
      side: 'sales',
      send_rule: 'approve_each',
      originating_proposal_id: play.originating_proposal_id,
    });
    expect(await stepsOf(campaign.id)).toMatchObject([
      {
        step_number: 1,
        channel: 'email',
        subject_template: 'On {{ account.name }}',
        body_template: 'Hi',
        requires_personal_send: false,
      },
      {
        step_number: 2,
        channel: 'linkedin',
        delay_days: 3,
        subject_template: null,
        requires_personal_send: true,
      },
    ]);
    expect(await world.run(play_id)).toMatchObject({
      campaign_id: campaign.id,
      after_lead_id: null,
      requested_count: 0,
    });
  });

  it('changes only through the play: it can be paused and resumed, and stays as approved', async () => {
    const play_id = await world.playIn('active');
    await world.compile(play_id);
    const before = await world.campaign(play_id);
    const patch = campaignOperations.find(({ name }) => name === 'patch_campaign')!;
    const change = (input: object) => {
      const call = {
        context: world.context,
        principal: world.person,
        input: { slug: before.slug, ...input },
      };
      return (patch.run as (call: object) => Promise<unknown>)(call);
    };
    for (const changes of [
      { name: 'Other' },
      { owner_role: 'roles.sales' },
      { on_exit: { rejected: null } },
    ]) {
      expect(await change(changes).then(() => null, sqlState)).toBe('TL028');
    }
    await change({ status: 'paused' });
    expect(await world.campaign(play_id)).toMatchObject({ name: before.name, status: 'paused' });
  });

  it('gets another slug if its own is taken, and a name without letters works', async () => {
    const play_id = await world.playIn('active', { name: '営業' });
    const hex = play_id.replaceAll('-', '');
    for (const taken of [`play_${hex.slice(-12)}`, `play_${hex.slice(-20)}`]) {
      await db.query(
        `INSERT INTO campaigns (org_id, id, slug, name, client_id, type, owner_role, sequence_type, side)
         VALUES ($1, gen_random_uuid(), $2, 'Mine', 'b2bea', 'event', 'roles.bdr', 'prospecting', 'sales')`,
        [world.org_id, taken],
      );
    }
    await world.compile(play_id);
    expect((await world.campaign(play_id)).slug).toBe(`play_${hex}`);
  });

  it('copies the steps of the campaign that the cadence names', async () => {
    const [template] = await world.rows<{ id: string }>('campaigns', `slug = 'b2bea_membership'`);
    const meant = await stepsOf(template!.id);
    const { email = 0, linkedin = 0 } = Object.fromEntries(
      ['email', 'linkedin'].map((channel) => [
        channel,
        meant.filter((row) => row.channel === channel).length,
      ]),
    );
    const fits = {
      campaign_template: 'b2bea_membership',
      touch_count: meant.length,
      channel_mix: { email, linkedin },
    };
    expect(await checked(world, fits)).toHaveLength(meant.length);
    const play_id = await world.playIn('active', { suggested_cadence: fits });
    await world.compile(play_id);
    const told = (rows: CampaignSequencesRow[]) =>
      rows.map((row) => [
        row.step_number,
        row.delay_days,
        row.channel,
        row.content_type,
        row.template_hash,
        row.template_instructions,
      ]);
    expect(told(await stepsOf((await world.campaign(play_id)).id))).toEqual(told(meant));
  });

  it('is created by the worker if no other process did; a play that cannot be compiled delays no other', async () => {
    const own = await createPlayRunWorld(db);
    const broken = await own.playIn('active', { suggested_cadence: { campaign_template: 'nowhere' } });
    const good = await own.playIn('active');
    await own.rounds('compile_plays', 5);
    expect(await own.campaign(good)).toMatchObject({ type: 'play' });
    expect(await own.campaign(broken)).toBeUndefined();
  });

  it.each(['draft', 'under_review', 'retired'] as const)(
    'is not created for a play that is %s',
    async (state) => {
      const play_id = await world.playIn(state);
      expect(await refusal(world.compile(play_id))).toMatchObject({ code: 'play_not_active', status: 409 });
      await world.stage('compile_plays');
      expect(await world.campaign(play_id)).toBeUndefined();
    },
  );
});

describe('a cadence is refused with the path of the error', () => {
  it.each<[string, SuggestedCadence, string]>([
    ['its campaign does not exist', { campaign_template: 'nowhere' }, 'suggested_cadence.campaign_template'],
    ['its campaign has no steps', { campaign_template: 'empty_one' }, 'suggested_cadence.campaign_template'],
    [
      'touch_count disagrees',
      { campaign_template: 'b2bea_membership', touch_count: 99 },
      'suggested_cadence.touch_count',
    ],
    [
      'channel_mix disagrees',
      { campaign_template: 'b2bea_membership', channel_mix: {} },
      'suggested_cadence.channel_mix.email',
    ],
    [
      'channel_mix disagrees with steps',
      { steps: [step], channel_mix: { email: 1, linkedin: 1 } },
      'suggested_cadence.channel_mix.linkedin',
    ],
  ])('%s', async (_what, cadence, path) => {
    await db.query(
      `INSERT INTO campaigns (org_id, id, slug, name, client_id, type, owner_role, sequence_type, side)
       VALUES ($1, gen_random_uuid(), 'empty_one', 'Empty', 'b2bea', 'event', 'roles.bdr', 'prospecting', 'sales')
       ON CONFLICT DO NOTHING`,
      [world.org_id],
    );
    const error = await refusal(checked(world, cadence));
    expect(error).toMatchObject({ code: 'play_cadence_invalid', status: 422 });
    expect(error.errors!.map((fault) => fault.path)).toContain(path);
    expect(error.hint).toMatch(/Edit/);
  });
});

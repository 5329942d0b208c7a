import {
  cadenceFaults,
  numbered,
  type PlayStep,
  type SuggestedCadence,
  spelledSteps,
} from '../../core/plays/cadence.ts';
import type { Queryable } from '../../db/pool.ts';
import { getCampaign, listSteps, upsertSteps } from '../../db/queries/campaigns.gen.ts';
import * as sql from '../../db/queries/play_runs.gen.ts';
import { lockPlay } from '../../db/queries/plays.gen.ts';
import { AppError } from '../../errors.ts';
import { newId } from '../../ids.ts';
import type { CampaignSequencesRow } from '../../schema.gen.ts';
import { rowsJson } from '../gate/rows.ts';
import type { Batch, Scope } from '../gate/scope.ts';

/** Slugs have at most 63 characters; the end of the play's id needs some of them. */
const SLUG_NAME_CHARS = 40;
/** Characters from the end of the play's id that make the slug unique; the longer form is for a slug that is taken. */
const SLUG_ID_CHARS = [12, 20];

/** Compiles active plays that have no campaign yet. Returns how many. */
export async function compilePlays(scope: Scope, { limit, set_aside, claimed }: Batch): Promise<number> {
  const found = await sql.playsToCompile.run({ org_id: scope.org_id, limit, set_aside }, scope.tx);
  if (found.length === 0) return 0;
  claimed(found.map((play) => play.play_id));
  for (const { play_id } of found) await compilePlay(scope, play_id);
  return found.length;
}

/**
 * Creates the campaign of an active play, with its suggested steps and its lineage, and starts the scan for leads. Call as
 * the coordinator; safe to repeat. Returns the id of the campaign. Throws `play_not_active` (409) and
 * `play_cadence_invalid` (422).
 */
export async function compilePlay(scope: Scope, play_id: string): Promise<string> {
  const { tx, org_id, clock } = scope;
  const key = { org_id, play_id };
  await lockPlay.run(key, tx);
  const play = await sql.playToCompile.one(key, tx);
  if (play?.state !== 'active') {
    throw new AppError('play_not_active', 'Only an active play has a campaign.');
  }
  const campaign_id = play.campaign_id ?? (await makeCampaign(scope, play_id, play));
  await sql.insertPlayRun.run({ ...key, campaign_id, now: clock.now() }, tx);
  return campaign_id;
}

/**
 * The steps of a cadence: its own, or a copy of the steps of the campaign that it names. Throws `play_cadence_invalid`
 * (422) with the path if that campaign does not exist or has no steps, or if the cadence's statements about its touches
 * contradict the steps.
 */
export async function playSteps(
  db: Queryable,
  org_id: string,
  cadence: SuggestedCadence,
): Promise<PlayStep[]> {
  const { steps, campaign_template } = cadence;
  const meant =
    campaign_template === undefined
      ? spelledSteps(steps ?? [])
      : await stepsOfCampaign(db, org_id, campaign_template);
  const faults = cadenceFaults(cadence, meant);
  if (faults.length > 0) throw cadenceInvalid(faults);
  return meant;
}

async function stepsOfCampaign(db: Queryable, org_id: string, slug: string): Promise<PlayStep[]> {
  const path = 'campaign_template';
  const campaign = await getCampaign.one({ org_id, slug }, db);
  if (campaign === undefined) throw cadenceInvalid([{ path, message: `there is no campaign ${slug}` }]);
  const steps = await listSteps.run({ org_id, campaign_id: campaign.id }, db);
  if (steps.length === 0) throw cadenceInvalid([{ path, message: `the campaign ${slug} has no steps` }]);
  return numbered(
    steps.map((step) => ({
      delay_days: step.delay_days,
      channel: step.channel,
      content_type: step.content_type,
      template_instructions: step.template_instructions,
      subject_template: step.subject_template,
      body_template: step.body_template,
      requires_personal_send: step.requires_personal_send,
      when_unreachable: step.when_unreachable,
    })),
  );
}

function cadenceInvalid(faults: readonly { path: string; message: string }[]): AppError {
  return new AppError('play_cadence_invalid', 'The suggested cadence is not valid.', {
    errors: faults.map(({ path, message }) => ({ path: `suggested_cadence.${path}`, message })),
    hint: 'Edit suggested_cadence while the play is under review; touchline campaigns, or the tool list_campaigns, lists the campaigns.',
  });
}

async function makeCampaign(scope: Scope, play_id: string, play: sql.PlayToCompileResult): Promise<string> {
  const { tx, org_id, clock } = scope;
  const steps = await playSteps(tx, org_id, play.suggested_cadence as SuggestedCadence);
  const { name, client_id, originating_proposal_id } = play;
  const now = clock.now();
  const origin = { play_id, originating_proposal_id, client_id: client_id! };
  const campaign = { org_id, id: newId(clock), name, ...origin, now };
  for (const slug of slugsOf(name, play_id)) {
    const [made] = await sql.insertPlayCampaign.run({ ...campaign, slug }, tx);
    if (made === undefined) continue;
    const rows = steps.map((step): Partial<CampaignSequencesRow> => {
      return { ...step, org_id, id: newId(clock), campaign_id: made.id, created_at: now };
    });
    await upsertSteps.run({ rows: rowsJson<CampaignSequencesRow>(rows) }, tx);
    return made.id;
  }
  throw new AppError('conflict', `Every slug for the campaign of play ${play_id} is taken.`);
}

/** `month_end_relief_0d9e8f7a6b5c`: readable and unique. */
function slugsOf(name: string, play_id: string): string[] {
  const words = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\p{Mn}+/gu, '')
    .replaceAll(/[^a-z0-9]+/g, '_')
    .slice(0, SLUG_NAME_CHARS)
    .replaceAll(/^_+|_+$/g, '');
  const hex = play_id.replaceAll('-', '');
  return [...SLUG_ID_CHARS.map((chars) => `${words || 'play'}_${hex.slice(-chars)}`), `play_${hex}`];
}

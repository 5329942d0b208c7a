/** Writes campaign definitions under the locks that keep them consistent together. */
import type { Clock } from '../../clock.ts';
import type { Tx } from '../../db/pool.ts';
import * as campaigns from '../../db/queries/campaigns.gen.ts';
import { reopenDraftingTasks } from '../../db/queries/tasks.gen.ts';
import { newId } from '../../ids.ts';
import type { CampaignSequencesRow, Json } from '../../schema.gen.ts';
import { notFound } from '../fields.ts';
import type { CampaignDefinition } from './definition.ts';
import { checkReferences } from './references.ts';

/**
 * Creates or replaces campaigns by slug, with their steps. They may refer to each other in any order. Throws
 * `unknown_client`, `unknown_agent`, `campaign_invalid` (for example for an unknown successor), `on_exit_loop`, or
 * `campaign_in_use`; roll back the transaction then.
 */
export async function importCampaigns(
  tx: Tx,
  org_id: string,
  clock: Clock,
  definitions: readonly CampaignDefinition[],
): Promise<{ id: string; slug: string; was_new: boolean }[]> {
  if (definitions.length === 0) return [];
  await checkReferences(tx, org_id, definitions);
  const written: { id: string; slug: string; was_new: boolean }[] = [];
  const steps: Partial<CampaignSequencesRow>[] = [];
  const now = clock.now();
  for (const definition of definitions) {
    const { id: campaign_id, was_new } = await writeSettings(tx, org_id, clock, definition);
    written.push({ id: campaign_id, slug: definition.slug, was_new });
    await campaigns.deleteStepsAfter.run({ org_id, campaign_id, last_step: definition.steps.length }, tx);
    for (const { template, ...rest } of definition.steps) {
      steps.push({
        org_id,
        id: newId(clock),
        campaign_id,
        ...rest,
        subject_template: template?.subject ?? null,
        body_template: template?.body ?? null,
        created_at: now,
      });
    }
  }
  await campaigns.upsertSteps.run({ rows: steps }, tx);
  // A touch that could not be drafted may have a template now.
  for (const { id: campaign_id, was_new } of written)
    if (!was_new) await reopenDraftingTasks.run({ org_id, campaign_id, now }, tx);
  return written;
}

/** Writes everything but the steps. Throws like `importCampaigns`, and `play_campaign_fixed` for the campaign of a play. */
export async function rewriteSettings(
  tx: Tx,
  org_id: string,
  clock: Clock,
  definition: CampaignDefinition,
): Promise<void> {
  await checkReferences(tx, org_id, [definition]);
  await writeSettings(tx, org_id, clock, definition);
}

/** Locks definitions first, as steps change under that lock, then the campaign. */
export async function lockForChange(tx: Tx, org_id: string, slug: string): Promise<void> {
  await campaigns.lockDefinitions.run({ org_id }, tx);
  const locked = await campaigns.lockCampaign.run({ org_id, slug }, tx);
  if (locked.length === 0) throw notFound('campaign');
}

async function writeSettings(
  tx: Tx,
  org_id: string,
  clock: Clock,
  definition: CampaignDefinition,
): Promise<{ id: string; was_new: boolean }> {
  const { slug, name, client_id, type, owner_role, sequence_type, side, send_rule } = definition;
  const { entry, priority, approvers } = definition;
  const own = {
    slug,
    name,
    client_id,
    type,
    owner_role,
    sequence_type,
    side,
    send_rule,
    entry: entry ?? null,
    priority: priority ?? null,
    approvers: approvers ?? null,
  };
  const on_exit = definition.on_exit as Json;
  const rows = await campaigns.upsertCampaign.run(
    { org_id, id: newId(clock), ...own, on_exit, now: clock.now() },
    tx,
  );
  return rows[0]!;
}

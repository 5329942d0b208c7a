import { z } from 'zod';
import type { OperationContext } from '../../context.ts';
import type { Tx } from '../../db/pool.ts';
import * as campaigns from '../../db/queries/campaigns.gen.ts';
import { AppError } from '../../errors.ts';
import { newId } from '../../ids.ts';
import type { Principal } from '../../principal.ts';
import {
  CAMPAIGN_APPROVERS_VALUES,
  CAMPAIGN_ENTRY_VALUES,
  CAMPAIGN_STATUS_VALUES,
  SEND_RULE_VALUES,
} from '../../schema.gen.ts';
import { APPROVERS, ENTRY, notFound, requirePerson } from '../fields.ts';
import { type Call, operation, transactWork } from '../operation.ts';
import { byName, pagedList } from '../page.ts';
import { refuseIfStale } from '../version.ts';
import {
  type CampaignDefinition,
  campaignShape,
  campaignSlug,
  checkCampaign,
  completeCampaign,
  onExit,
  priority,
  readCampaignYaml,
} from './definition.ts';
import {
  type Changes,
  COUNTED_EACH_TIME_MAX,
  campaignDetail,
  listedCampaign,
  openEnrollments,
  readCampaign,
  shapeOf,
  withMap,
} from './output.ts';
import { checksOf, documentOf, TEMPLATE_ERRORS } from './template_checks.ts';
import { importCampaigns, lockForChange, rewriteSettings } from './writing.ts';

const WRITE_ERRORS = `campaign_invalid ${TEMPLATE_ERRORS} unknown_client unknown_agent campaign_in_use on_exit_loop`;

const listCampaigns = pagedList({
  name: 'list_campaigns',
  summary: 'List campaigns.',
  path: '/campaigns',
  cli: {
    command: 'campaigns',
    empty: 'No campaigns. Define one from a YAML file: touchline import campaign FILE',
    columns: 'slug name owner_role status sequence_type side send_rule step_count open_enrollments',
  },
  mcp: { tool: 'list_campaigns', title: 'List campaigns' },
  item: listedCampaign,
  order: byName('slug'),
  rows: async ({ page, db, context }) => {
    const rows = await campaigns.listCampaigns.run({ ...page, count_limit: COUNTED_EACH_TIME_MAX + 1 }, db);
    const is_large = (row: (typeof rows)[number]) => row.open_enrollments > COUNTED_EACH_TIME_MAX;
    const counts = rows.some(is_large) ? await openEnrollments(context, page.org_id) : null;
    return rows.map((row) => ({
      ...withMap(row),
      // The cached count may be older.
      open_enrollments: Math.max(row.open_enrollments, (is_large(row) && counts?.get(row.id)) || 0),
    }));
  },
});

const getCampaign = operation({
  name: 'get_campaign',
  summary: 'Show a campaign with its steps, and whether each step’s template is approved.',
  http: { method: 'GET', path: '/campaigns/{slug}' },
  version: 'shown',
  cli: { command: 'campaign', args: ['slug'] },
  mcp: { tool: 'get_campaign', title: 'Show a campaign' },
  input: z.object({ slug: campaignSlug }),
  output: campaignDetail,
  errors: 'not_found',
  run: ({ context, principal, input }) => readCampaign(context.db, principal.org_id, input.slug),
});

const putCampaign = operation({
  name: 'put_campaign',
  summary: 'Create a campaign with its steps, or replace the campaign with this slug.',
  http: { method: 'POST', path: '/campaigns' },
  input: campaignShape,
  output: campaignDetail,
  errors: WRITE_ERRORS,
  run: async ({ context, principal, input }) => {
    const definition = await checkCampaign(checksOf(context, principal), input);
    return define(context, principal, async () => definition);
  },
});

const importCampaign = operation({
  name: 'import_campaign',
  summary: 'Import a campaign from YAML; a file with an existing slug replaces that campaign.',
  http: { method: 'POST', path: '/campaigns/import' },
  cli: { command: 'import campaign', args: ['yaml'] },
  input: z.object({
    yaml: z.string().min(1).describe('the text of the file: campaigns/README.md describes it'),
  }),
  output: campaignDetail,
  errors: `yaml_invalid yaml_over_budget ${WRITE_ERRORS}`,
  run: async ({ context, principal, input }) => {
    const definition = await readCampaignYaml(checksOf(context, principal), input.yaml);
    return define(context, principal, async () => definition);
  },
});

const { name, owner_role } = campaignShape.shape;

const patchCampaign = operation({
  name: 'patch_campaign',
  summary:
    'Pause a campaign (its enrollments wait), archive it (its enrollments end), or resume it; change its name, owner, send rule, entry, priority, approvers, and exit map.',
  http: { method: 'PATCH', path: '/campaigns/{slug}' },
  version: 'checked',
  cli: { command: 'campaign status', args: ['slug', 'status'] },
  input: z.object({
    slug: campaignSlug,
    status: z.enum(CAMPAIGN_STATUS_VALUES).optional(),
    name: name.optional(),
    owner_role: owner_role
      .optional()
      .describe('writes future touches; open tasks stay with the former owner'),
    send_rule: z.enum(SEND_RULE_VALUES).optional(),
    entry: z.enum(CAMPAIGN_ENTRY_VALUES).optional().describe(ENTRY),
    priority: priority.optional(),
    approvers: z.enum(CAMPAIGN_APPROVERS_VALUES).optional().describe(APPROVERS),
    on_exit: onExit.optional().describe('the whole map; an exit that it does not name leads nowhere'),
  }),
  output: campaignDetail,
  errors: `
    not_found version_changed play_campaign_fixed campaign_invalid ${TEMPLATE_ERRORS} unknown_agent
    on_exit_loop`,
  run: async ({ context, principal, expected, input: { slug, status, ...changes } }) => {
    const settle = await checkChange({ context, principal, slug }, changes);
    await transactWork({ context, principal }, async ({ tx, org_id, clock, now }) => {
      await lockForChange(tx, org_id, slug);
      const current = await readCampaign(tx, org_id, slug);
      refuseIfStale(expected, campaignDetail, current);
      if (Object.values(changes).some((change) => change !== undefined)) {
        await rewriteSettings(tx, org_id, clock, settle(current));
      }
      if (status !== undefined) await campaigns.setCampaignStatus.run({ org_id, slug, status, now }, tx);
    });
    return readCampaign(context.db, principal.org_id, slug);
  },
});

const putSteps = operation({
  name: 'put_steps',
  summary: 'Replace the steps of a campaign. Current enrollments continue with the new steps.',
  http: { method: 'PUT', path: '/campaigns/{slug}/steps' },
  version: 'checked',
  input: z.object({ slug: campaignSlug, steps: campaignShape.shape.steps }),
  output: campaignDetail,
  errors: `not_found campaign_invalid ${TEMPLATE_ERRORS} play_campaign_fixed version_changed`,
  run: async ({ context, principal, expected, input: { slug, steps } }) => {
    const settle = await checkChange({ context, principal, slug }, { steps });
    return define(context, principal, async (tx) => {
      await lockForChange(tx, principal.org_id, slug);
      const current = await readCampaign(tx, principal.org_id, slug);
      refuseIfStale(expected, campaignDetail, current);
      return settle(current);
    });
  },
});

const approveTemplate = operation({
  name: 'approve_template',
  summary:
    'Approve exactly this template, so that its messages may leave where the campaign is pre_approved.',
  http: { method: 'POST', path: '/campaigns/{slug}/steps/{step_number}/approve' },
  cli: { command: 'approve template', args: ['slug', 'step_number', 'template_hash'] },
  input: z.object({
    slug: campaignSlug,
    step_number: z.coerce.number().int().min(1).max(10_000),
    template_hash: z.string().min(1).max(64).describe('hash of the template that you read'),
  }),
  output: campaignDetail,
  errors: 'not_found no_template draft_changed not_human not_approver',
  run: async ({ context, principal, input: { slug, step_number, template_hash } }) => {
    const approved_by_user_id = requirePerson(principal);
    await transactWork({ context, principal }, async ({ tx, org_id, clock, now }) => {
      const row = await campaigns.getCampaign.one({ org_id, slug }, tx);
      const steps =
        row === undefined ? [] : await campaigns.listSteps.run({ org_id, campaign_id: row.id }, tx);
      const found = steps.find((one) => one.step_number === step_number);
      if (row === undefined || found === undefined) throw notFound('step');
      if (found.body_template === null)
        throw new AppError('no_template', `Step ${step_number} has no template to approve.`);
      if (found.template_hash !== template_hash) throw templateChanged(step_number, found.template_hash);
      const approval = { step_number, template_hash, approved_by_user_id, now };
      await campaigns.approveTemplate.run({ org_id, id: newId(clock), campaign_id: row.id, ...approval }, tx);
    });
    return readCampaign(context.db, principal.org_id, slug);
  },
});

export const campaignOperations = [
  listCampaigns,
  getCampaign,
  putCampaign,
  importCampaign,
  patchCampaign,
  putSteps,
  approveTemplate,
] as const;

async function define(
  context: OperationContext,
  principal: Principal,
  read: (tx: Tx) => Promise<CampaignDefinition>,
): Promise<z.input<typeof campaignDetail>> {
  const slug = await transactWork({ context, principal }, async ({ tx, org_id, clock }) => {
    const definition = await read(tx);
    await importCampaigns(tx, org_id, clock, [definition]);
    return definition.slug;
  });
  return readCampaign(context.db, principal.org_id, slug);
}

const templateChanged = (step_number: number, template_hash: string) =>
  new AppError('draft_changed', `The template of step ${step_number} changed after you read it.`, {
    hint: 'Read it again and approve its current hash.',
    extra: { template_hash },
  });

type Stored = Awaited<ReturnType<typeof readCampaign>>;

/**
 * Checks a campaign with these changes before locking it. The returned function completes the campaign under its lock.
 * Throws `not_found`, and like `checkCampaign`; that function throws `version_changed` (412) if templates or their rule
 * changed since.
 */
async function checkChange(
  { context, principal, slug }: Pick<Call<unknown>, 'context' | 'principal'> & { slug: string },
  changes: Changes,
): Promise<(current: Stored) => CampaignDefinition> {
  const before = await readCampaign(context.db, principal.org_id, slug);
  // Stored campaigns were checked when they were stored.
  const known = JSON.stringify(documentOf(shapeOf(before)));
  const wanted = shapeOf(before, changes);
  const checked = JSON.stringify(documentOf(wanted));
  if (checked !== known) await checkCampaign(checksOf(context, principal), wanted);
  return (current) => {
    const shape = shapeOf(current, changes);
    if (JSON.stringify(documentOf(shape)) !== checked) throw templatesChanged();
    return completeCampaign(shape);
  };
}

const templatesChanged = () =>
  new AppError(
    'version_changed',
    'Not saved: someone else changed this campaign while its templates were checked.',
    {
      hint: 'Read it again, then repeat your change.',
    },
  );

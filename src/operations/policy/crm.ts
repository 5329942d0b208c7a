import { z } from 'zod';
import type { OperationContext } from '../../context.ts';
import { CRM_FIELD_VALUES, CRM_PLACE, type CrmField, type CrmFields } from '../../coordinator/crm/fields.ts';
import { answered, look } from '../../coordinator/crm/findings.ts';
import {
  type CrmFindings,
  type CrmStages,
  faultsOf,
  mappedStages,
  titlesOf,
} from '../../coordinator/crm/mapping.ts';
import { crmOptions, sealedCrm } from '../../coordinator/crm/opened.ts';
import * as sql from '../../db/queries/crm_connections.gen.ts';
import { countCrmWrites } from '../../db/queries/crm_writes.gen.ts';
import { AppError } from '../../errors.ts';
import { CRM_NAME_VALUES, type CrmConnectionsRow } from '../../schema.gen.ts';
import {
  existing,
  id,
  instant,
  notFound,
  noun,
  nullableInstant,
  requirePerson,
  strictNoun,
} from '../fields.ts';
import { operation, transact } from '../operation.ts';
import { crmIncomingOperations, incomingOf, incomingShape } from './crm_incoming.ts';

const text = z.string().trim().min(1).max(200);
const stages = { lead: text, in_progress: text, won: text, lost: text };
const shownStages = noun('CrmStages', stages);
const place = z
  .string()
  .trim()
  .regex(CRM_PLACE, 'expected an attribute such as person.icp_tier or company.segment');
const fields = {
  tier: place.describe('text or list of the person or the company: T1, T2, or T3'),
  segment: place.describe('text or list of the person or the company'),
  abm_active: place.describe('yes or no, of the company'),
  owner: place.describe('a user of the CRM, of the person or the company; known here by email address'),
  imported: place.describe('yes or no, of the person: without yes, unknown people are not imported'),
} satisfies Record<CrmField, z.ZodType>;
const crm = z.enum(CRM_NAME_VALUES);

const connection = noun('CrmConnection', {
  crm,
  base_url: z.string().nullable().describe('null: the CRM’s own host'),
  app_id: z.string().nullable().describe('HubSpot’s app; null for a CRM without apps'),
  workspace_id: z.string(),
  workspace_name: z.string(),
  former_workspace_name: z
    .string()
    .nullable()
    .describe(
      'the workspace that was connected before, while its ids are being removed; reading and writing wait',
    ),
  stages: shownStages.describe('the CRM’s stage of each stage of an opportunity'),
  stage_titles: shownStages.describe('the titles of these stages when the CRM was connected'),
  deal_owner_id: z.string().nullable(),
  asks_before_erasure: z.boolean(),
  fields: noun('CrmFields', fields).partial().describe('attributes of the CRM that become fields here'),
  unread_fields: z
    .array(noun('CrmUnreadField', { field: z.enum(CRM_FIELD_VALUES), record_count: z.int() }))
    .describe('records whose attribute has a value that says nothing here, such as the tier Gold'),
  connected_by_user_id: id,
  connected_by_name: z.string(),
  connected_at: instant,
  pending_count: z.int().describe('writes to the CRM that are due or wait for others'),
  refused_count: z.int().describe('writes that the CRM refused; a person retries or skips them'),
  oldest_pending_at: nullableInstant,
  ...incomingShape,
});

const checked = noun('CrmCheck', {
  crm,
  workspace_name: z.string(),
  is_connected: z.boolean().describe('false after a dry run'),
  stages: shownStages.partial().describe('as given, else as they follow from the CRM'),
  crm_stages: z.array(
    noun('CrmStage', {
      stage_id: z.string(),
      title: z.string(),
      pipeline_id: z.string().nullable().describe('null: the CRM has no pipelines'),
      end: z.enum(['won', 'lost', 'open']),
    }),
  ),
  attributes: z
    .array(
      noun('CrmAttribute', {
        path: z.string(),
        title: z.string(),
        type: z.string(),
        state: z.enum(['present', 'absent', 'unfit']),
      }),
    )
    .describe('the attributes that Touchline needs; connecting creates the absent ones'),
  owner_count: z.int().describe('active users of the CRM'),
  faults: z
    .array(noun('CrmFault', { path: z.string(), fault: z.string() }))
    .describe('reasons why it cannot be connected'),
});

const get = operation({
  name: 'get_crm',
  summary: 'Show the connected CRM. Its key is not shown again.',
  http: { method: 'GET', path: '/crm' },
  cli: { command: 'crm' },
  input: z.object({}),
  output: connection,
  errors: 'not_found',
  run: async ({ context, principal: { org_id } }) => {
    const found = await sql.getCrmConnection.one({ org_id }, context.db);
    if (found === undefined) throw notFound('CRM connection', 'Connect one: touchline crm connect CRM');
    const counts = existing((await countCrmWrites.run({ org_id }, context.db))[0], 'count');
    const unread_fields = (await sql.countUnreadFields.run({ org_id }, context.db)) as UnreadField[];
    return { ...shown(found), unread_fields, ...counts, ...(await incomingOf(context.db, org_id)) };
  },
});

const connect = operation({
  name: 'connect_crm',
  summary:
    'Connect a CRM: checks key, scopes, attributes, and stages, creates the absent attributes, and keeps the secrets sealed. A dry run only checks.',
  http: { method: 'PUT', path: '/crm' },
  cli: {
    command: 'crm connect',
    args: ['crm'],
    secrets: { api_key: { label: 'API key' }, client_secret: { label: 'Client secret', with: 'app_id' } },
  },
  answers_secret: true,
  input: z.object({
    crm,
    api_key: z.string().trim().min(1).max(500),
    app_id: z
      .string()
      .trim()
      .min(1)
      .max(20)
      .optional()
      .describe('for HubSpot: the number of the app, whose client_secret is needed too'),
    client_secret: z
      .string()
      .trim()
      .min(1)
      .max(500)
      .optional()
      .describe('for HubSpot, which signs webhooks with it; sealed and never shown again'),
    base_url: z
      .string()
      .trim()
      .max(500)
      .optional()
      .describe('a server on this machine instead of the CRM’s own host'),
    stages: strictNoun('CrmStagesInput', stages)
      .partial()
      .optional()
      .describe(
        'ids of the CRM’s stages, all of one pipeline; default: its first open stages, its first won, its first lost',
      ),
    deal_owner_id: text
      .optional()
      .describe('the CRM’s user who owns deals of users without an account there'),
    fields: strictNoun('CrmFieldsInput', fields)
      .partial()
      .default({})
      .describe('attributes of the CRM to read; default: none'),
    asks_before_erasure: z
      .boolean()
      .default(false)
      .describe('whether an admin decides before a deleted lead’s record is deleted in the CRM, too'),
    dry_run: z.boolean().default(false),
  }),
  output: checked,
  errors:
    'crm_url_refused crm_key_invalid crm_app_invalid crm_refused crm_unreachable crm_unfit crm_not_here',
  run: async ({ context, principal, input }) => {
    const user_id = requirePerson(principal);
    const { crm: name, deal_owner_id = null, asks_before_erasure, dry_run } = input;
    const opened = connector(context)(name, crmOptions(input));
    try {
      const { workspace, ...found } = await look(opened);
      const mapped = mappedStages(found.description.stages, input.stages);
      const faults = faultsOf(found, mapped, deal_owner_id, input.fields);
      if (!dry_run && faults.length > 0)
        throw new AppError('crm_unfit', 'The CRM cannot be connected as it is.', { errors: faults });
      if (!dry_run) {
        for (const { object, slug, state } of found.attributes)
          if (state === 'absent') answered(await opened.createAttribute({ object, slug }));
        const { base_url = null, app_id = null } = input;
        const sealed = sealedCrm(context.secret, principal.org_id, input);
        const stage_titles = titlesOf(mapped, found.description.stages);
        const row = {
          crm: name,
          base_url,
          app_id,
          ...sealed,
          deal_owner_id,
          asks_before_erasure,
          fields: input.fields,
          stage_titles,
        };
        await transact({ context, principal }, ({ tx, org_id, now }) =>
          sql.putCrmConnection.run({ org_id, ...row, ...workspace, stages: mapped, user_id, now }, tx),
        );
      }
      return {
        crm: name,
        workspace_name: workspace.workspace_name,
        is_connected: !dry_run,
        stages: mapped,
        ...summary(found),
        faults: faults.map(({ path, message }) => ({ path, fault: message })),
      };
    } finally {
      await opened.close();
    }
  },
});

const disconnect = operation({
  name: 'disconnect_crm',
  summary: 'Disconnect the CRM and delete its key. Opportunities stay.',
  http: { method: 'DELETE', path: '/crm' },
  cli: { command: 'crm disconnect' },
  input: z.object({}),
  output: z.void(),
  errors: 'not_found',
  run: async (call) => {
    const deleted = await transact(call, ({ tx, org_id }) => sql.deleteCrmConnection.run({ org_id }, tx));
    if (deleted.length === 0) throw notFound('CRM connection');
  },
});

export const crmOperations = [connect, get, ...crmIncomingOperations, disconnect] as const;

function summary({ description, attributes }: CrmFindings) {
  return {
    crm_stages: description.stages.map(({ stage_id, title, pipeline_id, end }) => ({
      stage_id,
      title,
      pipeline_id,
      end,
    })),
    attributes: attributes.map(({ path, title, type, state }) => ({ path, title, type, state })),
    owner_count: description.owners.filter(({ is_active }) => is_active).length,
  };
}

type UnreadField = { field: CrmField; record_count: number };

function connector({ crm }: OperationContext) {
  if (crm === undefined) throw new AppError('crm_not_here', 'This process connects to no CRM.');
  return crm;
}

function shown(
  row: Omit<CrmConnectionsRow, 'org_id' | 'api_key' | 'client_secret'> & {
    connected_by_name: string;
    former_workspace_name: string | null;
  },
) {
  const stages = row.stages as CrmStages;
  return {
    ...row,
    fields: row.fields as CrmFields,
    stages,
    stage_titles: (row.stage_titles ?? stages) as CrmStages,
  };
}

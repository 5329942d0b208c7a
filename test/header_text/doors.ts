import { readCampaignYaml } from '../../src/operations/campaigns/definition.ts';
import { pathText } from '../../src/operations/campaigns/template_checks.ts';
import { registry } from '../../src/operations/registry.ts';
import { organizationOf } from '../../src/setup/first_start.ts';
import { checks } from '../templates/shared.ts';

/** The result for a text: the stored form, or the paths of the refused fields. */
type Tried = { kept: string } | { paths: string[] };

/** An entry point for header text: the operation that accepts it, and its place in the input and the answer. */
export type HeaderDoor = {
  name: string;
  field: string;
  chars_max: number;
  /** Validates the text as the entry point does, without storing it. */
  read: (text: string) => Tried | Promise<Tried>;
  /** The API request that stores it; none for texts that are read before the API runs. */
  request?: (text: string, ids: Ids) => { method: string; path: string; body: unknown };
  /** The path in the answer; default: `field`. */
  answer_field?: string;
};

export type Ids = { mailbox: string; lead: string; account: string };

const UUID = '018f0000-0000-7000-8000-000000000000';

const STEP = {
  step_number: 1,
  delay_days: 0,
  channel: 'email',
  content_type: 'follow_up',
  template_instructions: 'Write.',
};

function campaignOf({ name = 'A name', subject = 'Hello' }) {
  const steps = [{ ...STEP, template: { subject, body: 'Hello' } }];
  return { slug: 'random_texts', name, client_id: 'b2bea', type: 'event', owner_role: 'roles.bdr', steps };
}

function cadenceOf(subject: string) {
  const { step_number: _, ...step } = STEP;
  return { steps: [{ ...step, template: { subject, body: 'Hello' } }] };
}

/** The input schema of an operation, as every surface applies it. */
function operationReads(operation_name: string, field: string, inputOf: (text: string) => object) {
  const { input } = registry.find(({ name }) => name === operation_name)!;
  return (text: string): Tried => {
    const parsed = input.safeParse(inputOf(text));
    if (!parsed.success) return { paths: parsed.error.issues.map(({ path }) => pathText(path)) };
    return { kept: valueAt(parsed.data, field) };
  };
}

/** The value at a path, for example `steps[0].template.subject`. */
export function valueAt(answer: unknown, field: string): string {
  const parts = field.split(/[.[\]]+/).filter(Boolean);
  return parts.reduce<unknown>((inner, part) => (inner as Record<string, unknown>)[part], answer) as string;
}

function refusedPaths(error: unknown): Tried {
  const { errors } = error as { errors?: readonly { path: string }[] };
  if (errors === undefined) throw error;
  return { paths: errors.map(({ path }) => path) };
}

const SUBJECT = 'steps[0].template.subject';
const STORED_SUBJECT = 'steps[0].subject_template';
const PLAY_SUBJECT = 'suggested_cadence.steps[0].template.subject';

export const HEADER_DOORS: readonly HeaderDoor[] = [
  {
    name: 'a brand',
    field: 'name',
    chars_max: 200,
    read: operationReads('patch_client', 'name', (name) => ({ client_id: 'b2bea', name })),
    request: (name) => ({ method: 'PATCH', path: '/clients/b2bea', body: { name } }),
  },
  {
    name: 'a new brand',
    field: 'name',
    chars_max: 200,
    read: operationReads('create_client', 'name', (name) => ({ client_id: 'b2bea', name })),
  },
  {
    name: 'a mailbox',
    field: 'display_name',
    chars_max: 200,
    read: operationReads('patch_mailbox', 'display_name', (display_name) => ({ id: UUID, display_name })),
    request: (display_name, { mailbox }) => ({
      method: 'PATCH',
      path: `/mailboxes/${mailbox}`,
      body: { display_name },
    }),
  },
  {
    name: 'the text that a person edits',
    field: 'subject',
    chars_max: 250,
    read: operationReads('edit_draft', 'subject', (subject) => ({ id: UUID, content_hash: 'x', subject })),
  },
  {
    name: 'the text that an agent writes',
    field: 'subject',
    chars_max: 250,
    read: operationReads('write_draft', 'subject', (subject) => ({ queue_id: UUID, subject, body: 'Hello' })),
  },
  {
    name: 'the name of a campaign',
    field: 'name',
    chars_max: 200,
    read: operationReads('put_campaign', 'name', (name) => campaignOf({ name })),
    request: (name) => ({ method: 'POST', path: '/campaigns', body: campaignOf({ name }) }),
  },
  {
    name: 'the steps of a campaign',
    field: SUBJECT,
    chars_max: 2_000,
    read: operationReads('put_campaign', SUBJECT, (subject) => campaignOf({ subject })),
    request: (subject) => ({ method: 'POST', path: '/campaigns', body: campaignOf({ subject }) }),
    answer_field: STORED_SUBJECT,
  },
  {
    name: 'a campaign in YAML',
    field: SUBJECT,
    chars_max: 2_000,
    read: async (subject) => {
      try {
        const { steps } = await readCampaignYaml(checks(), JSON.stringify(campaignOf({ subject })));
        return { kept: steps[0]!.template!.subject! };
      } catch (error) {
        return refusedPaths(error);
      }
    },
    request: (subject) => ({
      method: 'POST',
      path: '/campaigns/import',
      body: { yaml: JSON.stringify(campaignOf({ subject })) },
    }),
    answer_field: STORED_SUBJECT,
  },
  {
    name: 'the name of a play',
    field: 'name',
    chars_max: 128,
    read: operationReads('edit_play', 'name', (name) => ({ id: UUID, name })),
  },
  {
    name: 'the steps of a play',
    field: PLAY_SUBJECT,
    chars_max: 2_000,
    read: operationReads('edit_play', PLAY_SUBJECT, (subject) => ({
      id: UUID,
      suggested_cadence: cadenceOf(subject),
    })),
  },
  {
    name: 'a lead',
    field: 'first_name',
    chars_max: 200,
    read: operationReads('patch_lead', 'first_name', (first_name) => ({ id: UUID, first_name })),
    request: (first_name, { lead }) => ({ method: 'PATCH', path: `/leads/${lead}`, body: { first_name } }),
  },
  {
    name: 'a company',
    field: 'name',
    chars_max: 300,
    read: operationReads('patch_account', 'name', (name) => ({ id: UUID, name })),
    request: (name, { account }) => ({ method: 'PATCH', path: `/accounts/${account}`, body: { name } }),
  },
  {
    name: 'init',
    field: '--name',
    chars_max: 200,
    read: (name) => {
      const given = { sender_name: 'Jo', sender_address: 'jo@sender.example', postal_address: '1 Road' };
      try {
        return { kept: organizationOf({ ...given, name }).name };
      } catch (error) {
        return refusedPaths(error);
      }
    },
  },
];

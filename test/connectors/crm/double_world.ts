/* The state of the Attio double: what a new workspace has, and ids that follow from the seed. */

export type Actor = { type: 'api-token' | 'workspace-member'; id: string };

export type Attribute = {
  attribute_id: string;
  object: string;
  api_slug: string;
  title: string;
  type: string;
  is_required: boolean;
  is_unique: boolean;
  is_multiselect: boolean;
  is_writable: boolean;
  is_archived: boolean;
  is_system_attribute: boolean;
  allowed_object: string | null;
  currency: string | null;
};

type Status = { status_id: string; title: string; celebration_enabled: boolean; is_archived: boolean };
type Member = {
  id: string;
  first_name: string;
  last_name: string;
  email_address: string;
  access_level: string;
};

/** A value as answered, with its author. */
export type Value = Record<string, unknown> & {
  active_from: string;
  active_until: null;
  created_by_actor: Actor;
  attribute_type: string;
};

export type Stored = {
  object: string;
  record_id: string;
  created_at: string;
  values: Map<string, Value[]>;
};

export type Note = Record<string, unknown> & {
  note_id: string;
  parent_record_id: string;
  parent_object: string;
};
export type Task = Record<string, unknown> & {
  task_id: string;
  linked_records: { target_object_id: string; target_record_id: string }[];
};
type Webhook = {
  webhook_id: string;
  target_url: string;
  subscriptions: { event_type: string; filter: unknown }[];
  secret: string;
  created_at: string;
};

export type DoubleWorld = {
  workspace_id: string;
  token_id: string;
  api_key: string;
  scopes: string[];
  objects: Map<string, string>;
  attributes: Attribute[];
  statuses: Status[];
  members: Member[];
  records: Map<string, Stored>;
  notes: Note[];
  tasks: Task[];
  webhooks: Webhook[];
  random: () => number;
  uuid: () => string;
  now_ms: () => number;
};

const ALL_SCOPES = [
  'user_management:read',
  'record_permission:read-write',
  'object_configuration:read-write',
  'note:read-write',
  'task:read-write',
  'webhook:read-write',
];

/** Attio writes instants with nanoseconds. */
export const instant = (ms: number) => new Date(ms).toISOString().replace('Z', '000000Z');

export function newWorld(seed: number, now_ms: () => number): DoubleWorld {
  const random = randomFrom(seed);
  const uuid = () => uuidFrom(random);
  const objects = new Map(['people', 'companies', 'deals'].map((slug) => [slug, uuid()]));
  return {
    workspace_id: uuid(),
    token_id: uuid(),
    api_key: `double_${Math.floor(random() * 1e9).toString(36)}`,
    scopes: [...ALL_SCOPES],
    objects,
    attributes: standardAttributes(uuid),
    statuses: [
      { status_id: uuid(), title: 'Lead', celebration_enabled: false, is_archived: false },
      { status_id: uuid(), title: 'In Progress', celebration_enabled: false, is_archived: false },
      { status_id: uuid(), title: 'Won 🎉', celebration_enabled: true, is_archived: false },
      { status_id: uuid(), title: 'Lost', celebration_enabled: false, is_archived: false },
      { status_id: uuid(), title: 'Parked', celebration_enabled: false, is_archived: true },
    ],
    members: [
      {
        id: uuid(),
        first_name: 'Ada',
        last_name: 'Owner',
        email_address: 'ada@crm.example',
        access_level: 'admin',
      },
      {
        id: uuid(),
        first_name: 'Ben',
        last_name: 'Gone',
        email_address: 'ben@crm.example',
        access_level: 'suspended',
      },
    ],
    records: new Map(),
    notes: [],
    tasks: [],
    webhooks: [],
    random,
    uuid,
    now_ms,
  };
}

/** object, slug, type, and flags: r required, u unique, m multiselect, s not writable; `>object` is what may be linked. */
const STANDARD = `
  people name personal-name -
  people email_addresses email-address um
  people phone_numbers phone-number m
  people job_title text -
  people company record-reference - >companies
  people associated_deals record-reference m >deals
  people created_at timestamp s
  companies name text -
  companies domains domain um
  companies created_at timestamp s
  deals name text r
  deals stage status r
  deals owner actor-reference r
  deals value currency -
  deals associated_people record-reference m >people
  deals associated_company record-reference - >companies
  deals created_at timestamp s`;

function standardAttributes(uuid: () => string): Attribute[] {
  return STANDARD.trim()
    .split('\n')
    .map((line) => {
      const [object = '', api_slug = '', type = '', flags = '', allowed = null] = line.trim().split(/\s+/);
      return {
        attribute_id: uuid(),
        object,
        api_slug,
        title: api_slug,
        type,
        is_required: flags.includes('r'),
        is_unique: flags.includes('u'),
        is_multiselect: flags.includes('m'),
        is_writable: !flags.includes('s'),
        is_archived: false,
        is_system_attribute: true,
        allowed_object: allowed?.slice(1) ?? null,
        currency: type === 'currency' ? 'USD' : null,
      };
    });
}

/** Mulberry32: the same numbers for the same seed. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A UUID of version 4 (RFC 9562). */
export function uuidFrom(random: () => number): string {
  const hex = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('');
  const variant = '89ab'[Math.floor(random() * 4)];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

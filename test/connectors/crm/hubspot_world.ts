import { randomFrom, uuidFrom } from './double_world.ts';

/* The state of the HubSpot double: what a new account has, and ids that follow from the seed. */

export type Kind = 'contacts' | 'companies' | '0-3' | 'notes' | 'tasks';
export type Role = 'connector' | 'user';

export type Property = {
  kind: Kind;
  name: string;
  label: string;
  type: string;
  fieldType: string;
  hasUniqueValue: boolean;
  readOnlyValue: boolean;
};

export type Stored = {
  kind: Kind;
  id: string;
  created_ms: number;
  properties: Record<string, string>;
  source: Role;
  /** Values by time, oldest first: the search knows an earlier version. */
  versions: { at_ms: number; properties: Record<string, string> }[];
};

export type Link = { from: string; to: string; type_ids: number[] };
export type Subscription = { id: number; active: boolean; eventType: string; propertyName?: string };
type Stage = { id: string; label: string; isClosed: boolean; probability: string; archived: boolean };

export type HubspotWorld = {
  portal_id: number;
  app_id: number;
  api_key: string;
  client_secret: string;
  scopes: string[];
  currency: string;
  other_currencies: string[];
  search_lag_ms: number;
  properties: Property[];
  pipelines: { id: string; label: string; stages: Stage[] }[];
  owners: { id: string; firstName: string; lastName: string; email: string }[];
  records: Map<string, Stored>;
  /** Ids of merged records, and their survivors. */
  merged: Map<string, string>;
  links: Link[];
  target_url: string | null;
  subscriptions: Subscription[];
  random: () => number;
  uuid: () => string;
  /** Ids ascend, as HubSpot's do. */
  nextId: () => string;
  now_ms: () => number;
};

/** All ids of records begin so. */
const FIRST_ID = 39_580_000_000;

const SCOPES = ['contacts', 'companies', 'deals'].flatMap((name) => [
  `crm.objects.${name}.read`,
  `crm.objects.${name}.write`,
  `crm.schemas.${name}.read`,
  `crm.schemas.${name}.write`,
]);

export function newHubspotWorld(seed: number, now_ms: () => number, search_lag_ms: number): HubspotWorld {
  const random = randomFrom(seed);
  const number = (count: number) => Math.floor(random() * count) + 1;
  let last_id = FIRST_ID + number(1_000);
  const stage = (id: string, label: string, probability: string, archived = false): Stage => ({
    id,
    label,
    isClosed: ['0.0', '1.0'].includes(probability),
    probability,
    archived,
  });
  return {
    portal_id: number(1e7),
    app_id: number(1e6),
    api_key: `pat-double-${number(1e9).toString(36)}`,
    client_secret: `secret-${number(1e9).toString(36)}`,
    scopes: [...SCOPES, 'crm.objects.owners.read', 'oauth'],
    currency: 'USD',
    other_currencies: [],
    search_lag_ms,
    properties: standardProperties(),
    pipelines: [
      {
        id: 'default',
        label: 'Sales',
        stages: [
          stage('appointmentscheduled', 'Appointment', '0.2'),
          stage('closedwon', 'Bought', '1.0'),
          stage('closedlost', 'Gone', '0.0'),
          stage('parked', 'Parked', '0.1', true),
        ],
      },
      {
        id: '7001',
        label: 'Renewals',
        stages: [stage('7002', 'Due', '0.5'), stage('7003', 'Renewed', '1.0')],
      },
    ],
    owners: [
      { id: String(number(1e6)), firstName: 'Ada', lastName: 'Owner', email: 'ada@crm.example' },
      { id: String(1e6 + number(1e6)), firstName: 'Bo', lastName: 'Seller', email: 'bo@crm.example' },
    ],
    records: new Map(),
    merged: new Map(),
    links: [],
    target_url: null,
    subscriptions: [],
    random,
    uuid: () => uuidFrom(random),
    nextId: () => {
      last_id += number(3);
      return String(last_id);
    },
    now_ms,
  };
}

/** kind, name, type, and flags: u unique, s not writable by the API. */
const STANDARD = `
  contacts email string u
  contacts hs_additional_emails enumeration -
  contacts firstname string -
  contacts lastname string -
  contacts jobtitle string -
  contacts phone phone_number -
  contacts mobilephone phone_number -
  companies name string -
  companies domain string -
  companies hs_additional_domains string s
  0-3 dealname string -
  0-3 dealstage enumeration -
  0-3 pipeline enumeration -
  0-3 amount number -
  0-3 deal_currency_code enumeration -
  0-3 hubspot_owner_id enumeration -
  notes hs_timestamp datetime -
  notes hs_note_body string -
  notes hubspot_owner_id enumeration -
  tasks hs_timestamp datetime -
  tasks hs_task_subject string -
  tasks hs_task_body string -
  tasks hs_task_status enumeration -
  tasks hubspot_owner_id enumeration -`;

const SYSTEM = ['createdate', 'hs_object_id', 'hs_object_source', 'hs_object_source_id'];

function standardProperties(): Property[] {
  const own = STANDARD.trim()
    .split('\n')
    .map((line): Property => {
      const [kind = '', name = '', type = '', flags = ''] = line.trim().split(/\s+/);
      return propertyOf(kind as Kind, name, type, flags);
    });
  const kinds = [...new Set(own.map(({ kind }) => kind))];
  return [...own, ...kinds.flatMap((kind) => SYSTEM.map((name) => propertyOf(kind, name, 'string', 's')))];
}

const propertyOf = (kind: Kind, name: string, type: string, flags: string): Property => ({
  kind,
  name,
  label: name,
  type,
  fieldType: type === 'enumeration' ? 'select' : 'text',
  hasUniqueValue: flags.includes('u'),
  readOnlyValue: flags.includes('s'),
});

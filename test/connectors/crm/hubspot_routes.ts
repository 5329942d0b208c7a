import {
  bool,
  filled,
  integer,
  invalid,
  listOf,
  matching,
  object,
  oneOf,
  Refusal,
  text,
  whole,
} from './double_checks.ts';
import { routeIn } from './double_server.ts';
import { type Asked, type Route, route } from './hubspot_asked.ts';
import { OBJECT_ROUTES } from './hubspot_object_routes.ts';
import type { HubspotWorld, Kind, Property, Subscription } from './hubspot_world.ts';

/* The calls of the double for its account, its properties, and its webhooks; and all calls together. */

const CREATED = new Date(Date.UTC(2022, 10, 21)).toISOString();
const TIMES = { createdAt: CREATED, updatedAt: CREATED, archived: false };
const propertiesPath = /^\/crm\/properties\/2026-03\/(contacts|companies|0-3)$/;
const APP = '/webhooks/2026-03/(\\d+)';
const nameOf = (kind = '') => (kind === '0-3' ? 'deals' : kind);

const ACCOUNT_ROUTES: Route[] = [
  route(
    'POST',
    /^\/oauth\/v2\/private-apps\/get\/access-token-info$/,
    ({ world, body }) => {
      if (body.tokenKey !== world.api_key)
        throw new Refusal(404, 'OBJECT_NOT_FOUND', 'There is no such token.');
      return { userId: 7, hubId: world.portal_id, appId: world.app_id, scopes: world.scopes };
    },
    { is_write: false, body: object({ tokenKey: filled }) },
  ),
  route('GET', /^\/account-info\/v3\/details$/, ({ world }) => ({
    portalId: world.portal_id,
    timeZone: 'US/Eastern',
    companyCurrency: world.currency,
    additionalCurrencies: world.other_currencies,
  })),
  route('GET', /^\/crm\/pipelines\/2026-03\/(0-3)$/, ({ world }) => pipelinesOf(world), {
    scopes: () => ['crm.objects.deals.read'],
  }),
  route('GET', /^\/crm\/owners\/2026-03$/, listOwners, {
    scopes: () => ['crm.objects.owners.read'],
    query: object({
      'limit?': whole(1, 500),
      'after?': whole(0, 1e6),
      'email?': text,
      'archived?': oneOf('true', 'false'),
    }),
  }),
  route(
    'GET',
    propertiesPath,
    ({ world, params: [kind] }) => ({
      results: world.properties.filter((one) => one.kind === kind).map(propertyAnswer),
    }),
    { scopes: ([kind]) => [`crm.schemas.${nameOf(kind)}.read`] },
  ),
  route('POST', propertiesPath, createProperty, {
    scopes: ([kind]) => [`crm.schemas.${nameOf(kind)}.write`],
    status: 201,
    body: object({
      name: matching(/^[a-z][a-z0-9_]{0,99}$/),
      label: filled,
      groupName: oneOf('contactinformation', 'companyinformation', 'dealinformation'),
      type: oneOf('bool', 'date', 'datetime', 'enumeration', 'number', 'phone_number', 'string'),
      fieldType: oneOf('booleancheckbox', 'checkbox', 'date', 'number', 'select', 'text', 'textarea'),
      'description?': text,
      'hasUniqueValue?': bool,
      'options?': listOf(object({ label: text, value: text, displayOrder: integer(0, 1e6), hidden: bool })),
    }),
  }),
];

const WEBHOOK_ROUTES: Route[] = [
  route('GET', new RegExp(`^${APP}/settings$`), (asked) => settingsOf(ours(asked))),
  route(
    'PUT',
    new RegExp(`^${APP}/settings$`),
    (asked) => {
      const world = ours(asked);
      world.target_url = String(asked.body.targetUrl);
      return settingsOf(world);
    },
    {
      body: object({
        targetUrl: matching(/^https:\/\/[^\s/]+/),
        throttling: object({ maxConcurrentRequests: integer(1, 1e3) }),
      }),
    },
  ),
  route('GET', new RegExp(`^${APP}/subscriptions$`), (asked) => ({
    results: ours(asked).subscriptions.map(subscriptionAnswer),
  })),
  route('POST', new RegExp(`^${APP}/subscriptions$`), subscribe, {
    status: 201,
    body: object({
      active: bool,
      eventType: matching(
        /^(contact|company|deal)\.(creation|deletion|merge|associationChange|propertyChange)$/,
      ),
      'propertyName?': filled,
    }),
  }),
  route(
    'PATCH',
    new RegExp(`^${APP}/subscriptions/(\\d+)$`),
    (asked) => {
      const found = ours(asked).subscriptions.find(({ id }) => String(id) === asked.params[1]);
      if (found === undefined) throw new Refusal(404, 'OBJECT_NOT_FOUND', 'There is no such subscription.');
      found.active = asked.body.active === true;
      return subscriptionAnswer(found);
    },
    { body: object({ active: bool }) },
  ),
];

function ours({ world, params: [app_id] }: Asked): HubspotWorld {
  if (app_id !== String(world.app_id)) throw new Refusal(404, 'OBJECT_NOT_FOUND', 'There is no such app.');
  return world;
}

function settingsOf({ target_url }: HubspotWorld) {
  if (target_url === null) throw new Refusal(404, 'OBJECT_NOT_FOUND', 'The app has no settings.');
  return { targetUrl: target_url, throttling: { maxConcurrentRequests: 10 }, createdAt: CREATED };
}

const subscriptionAnswer = ({ id, ...one }: Subscription) => ({ id: String(id), ...one, createdAt: CREATED });

const KIND_OF: Readonly<Record<string, Kind>> = { contact: 'contacts', company: 'companies', deal: '0-3' };

function subscribe(asked: Asked) {
  const world = ours(asked);
  const { active, eventType, propertyName } = asked.body as Omit<Subscription, 'id'>;
  const [name = '', what] = eventType.split('.');
  if ((what === 'propertyChange') !== (propertyName !== undefined))
    throw invalid(['propertyName'], 'Only changes of properties have a property.');
  const is_known = world.properties.some((one) => one.kind === KIND_OF[name] && one.name === propertyName);
  if (propertyName !== undefined && !is_known) throw invalid(['propertyName'], 'There is no such property.');
  const same = world.subscriptions.some(
    (one) => one.eventType === eventType && one.propertyName === propertyName,
  );
  if (same) throw new Refusal(409, 'CONFLICT', 'The app has this subscription.');
  const id = 100 + world.subscriptions.length;
  const made = { id, active, eventType, ...(propertyName === undefined ? {} : { propertyName }) };
  world.subscriptions.push(made);
  return subscriptionAnswer(made);
}

function pipelinesOf(world: HubspotWorld) {
  return {
    results: world.pipelines.map(({ id, label, stages }, displayOrder) => ({
      id,
      label,
      displayOrder,
      ...TIMES,
      stages: stages.map((stage, order) => ({
        ...TIMES,
        id: stage.id,
        label: stage.label,
        displayOrder: order,
        archived: stage.archived,
        metadata: { isClosed: String(stage.isClosed), probability: stage.probability },
        writePermissions: 'CRM_PERMISSIONS_ENFORCEMENT',
      })),
    })),
  };
}

function listOwners({ world, query: { limit = '100', after = '0' } }: Asked) {
  const reached = Number(after) + Number(limit);
  const results = world.owners
    .slice(Number(after), reached)
    .map((owner) => ({ ...owner, ...TIMES, type: 'PERSON' }));
  const next = world.owners.length > reached ? { paging: { next: { after: String(reached) } } } : {};
  return { results, ...next };
}

function createProperty({ world, params: [kind], body }: Asked) {
  const {
    name,
    label,
    type,
    fieldType,
    hasUniqueValue = false,
    groupName,
  } = body as Omit<Property, 'kind'> & {
    groupName: string;
  };
  if (world.properties.some((one) => one.kind === kind && one.name === name))
    throw new Refusal(409, 'CONFLICT', `A property named "${name}" already exists.`);
  if (groupName !== `${{ contacts: 'contact', companies: 'company' }[kind ?? ''] ?? 'deal'}information`)
    throw invalid(['groupName'], 'The object has no such group.');
  if ((type === 'bool') !== (fieldType === 'booleancheckbox'))
    throw invalid(['fieldType'], 'The field does not fit the type.');
  const property: Property = {
    kind: kind as Kind,
    name,
    label,
    type,
    fieldType,
    hasUniqueValue,
    readOnlyValue: false,
  };
  world.properties.push(property);
  return propertyAnswer(property);
}

const propertyAnswer = ({ kind, readOnlyValue, ...property }: Property) => ({
  ...property,
  ...TIMES,
  description: '',
  groupName: `${kind}information`,
  options: [],
  modificationMetadata: { archivable: true, readOnlyDefinition: false, readOnlyValue },
});

const ROUTES: readonly Route[] = [...ACCOUNT_ROUTES, ...WEBHOOK_ROUTES, ...OBJECT_ROUTES];

export const hubspotRouteOf = (method: string, path: string) => routeIn(ROUTES, method, path);

import { z } from 'zod';
import type { CrmCall } from './crm_client.ts';
import {
  association,
  created,
  found,
  owner,
  pipeline,
  plain,
  property,
  subscription,
} from './hubspot_shapes.ts';

/* The calls of HubSpot's API that the connector makes, in the version of March 2026. `tools/crm_schemas.ts` compares this
   table with HubSpot's own descriptions. `{object}` is a type of `HUBSPOT_TYPES`. */

/** The object types of records, notes, and tasks, as the paths of HubSpot name them. */
export const HUBSPOT_TYPES = ['contacts', 'companies', '0-3', 'notes', 'tasks'] as const;
export type HubspotType = (typeof HUBSPOT_TYPES)[number];

const call = <Q extends z.ZodType | null, R extends z.ZodType | null, A extends z.ZodType>(
  method: CrmCall['method'],
  path: string,
  { query, request, answer, is_write }: { query: Q; request: R; answer: A; is_write?: boolean },
) => ({
  method,
  path,
  is_write: is_write ?? method !== 'GET',
  names_record: /\{id\}|gdpr-delete/.test(path),
  query,
  request,
  answer,
});

const read = <A extends z.ZodType>(path: string, answer: A) =>
  call('GET', path, { query: null, request: null, answer });

/** HubSpot answers deletions without a body. */
const nothing = z.undefined();
const next = z.object({ next: z.object({ after: z.string() }).optional() }).optional();
const pageOf = <T extends z.ZodType>(one: T) => z.object({ results: z.array(one), paging: next });
const properties = z.record(z.string().regex(/^[a-z0-9_]+$/), z.string());
const names = z.array(z.string()).min(1);
const objectId = z.string().regex(/^\d{1,20}$/);
const spec = z.strictObject({
  associationCategory: z.literal('HUBSPOT_DEFINED'),
  associationTypeId: z.int(),
});

const OBJECTS = '/crm/objects/2026-03/{object}';
const WEBHOOKS = '/webhooks/2026-03/{app_id}';
/** The most that HubSpot reads or lists at once. */
export const BATCH_MAX = 100;

const EVENT_TYPES = [
  'contact.creation',
  'contact.deletion',
  'contact.merge',
  'contact.associationChange',
  'contact.propertyChange',
  'company.creation',
  'company.deletion',
  'company.merge',
  'company.propertyChange',
  'deal.creation',
  'deal.deletion',
  'deal.merge',
  'deal.associationChange',
  'deal.propertyChange',
] as const;

const filter = z.union([
  z.strictObject({ propertyName: z.string(), operator: z.literal('IN'), values: names }),
  z.strictObject({ propertyName: z.string(), operator: z.literal('CONTAINS_TOKEN'), value: z.string() }),
]);
const settings = z.object({ targetUrl: z.string() });

const objectCalls = {
  list_objects: call('GET', OBJECTS, {
    query: z.strictObject({
      limit: z.int().min(1).max(BATCH_MAX),
      after: z.string().optional(),
      properties: names,
      associations: names.optional(),
    }),
    request: null,
    answer: pageOf(found),
  }),
  get_object: call('GET', `${OBJECTS}/{id}`, {
    query: z.strictObject({ properties: names, associations: names.optional() }),
    request: null,
    answer: found,
  }),
  create_object: call('POST', OBJECTS, {
    query: null,
    request: z.strictObject({
      properties,
      associations: z.array(
        z.strictObject({ to: z.strictObject({ id: objectId }), types: z.array(spec).length(1) }),
      ),
    }),
    answer: created,
  }),
  update_object: call('PATCH', `${OBJECTS}/{id}`, {
    query: null,
    request: z.strictObject({ properties }),
    answer: created,
  }),
  archive_object: call('DELETE', `${OBJECTS}/{id}`, { query: null, request: null, answer: nothing }),
  batch_read: call('POST', `${OBJECTS}/batch/read`, {
    query: null,
    is_write: false,
    request: z.strictObject({
      idProperty: z.string().optional(),
      inputs: z
        .array(z.strictObject({ id: z.string().min(1) }))
        .min(1)
        .max(BATCH_MAX),
      properties: names,
      propertiesWithHistory: z.array(z.string()),
    }),
    answer: z.object({ results: z.array(plain) }),
  }),
  search: call('POST', `${OBJECTS}/search`, {
    query: null,
    is_write: false,
    request: z.strictObject({
      filterGroups: z
        .array(z.strictObject({ filters: z.array(filter).length(1) }))
        .min(1)
        .max(5),
      properties: names,
      sorts: z.array(z.string()),
      limit: z.int().min(1).max(BATCH_MAX),
      after: z.string(),
    }),
    answer: pageOf(plain),
  }),
  erase_contact: call('POST', '/crm/objects/2026-03/contacts/gdpr-delete', {
    query: null,
    request: z.strictObject({ objectId }),
    answer: nothing,
  }),
  list_links: call('GET', `${OBJECTS}/{id}/associations/{to_object}`, {
    query: z.strictObject({ limit: z.int().min(1).max(500), after: z.string().optional() }),
    request: null,
    answer: pageOf(association),
  }),
  link: call('PUT', `${OBJECTS}/{id}/associations/{to_object}/{to_id}`, {
    query: null,
    request: z.array(spec).length(1),
    answer: z.object({ fromObjectId: z.string(), toObjectId: z.string() }),
  }),
};

const accountCalls = {
  token: call('POST', '/oauth/v2/private-apps/get/access-token-info', {
    query: null,
    is_write: false,
    request: z.strictObject({ tokenKey: z.string() }),
    answer: z.object({ hubId: z.int(), appId: z.int(), scopes: z.array(z.string()) }),
  }),
  account: read(
    '/account-info/v3/details',
    z.object({
      portalId: z.int(),
      companyCurrency: z.string(),
      additionalCurrencies: z.array(z.string()),
    }),
  ),
  list_properties: read('/crm/properties/2026-03/{object}', z.object({ results: z.array(property) })),
  create_property: call('POST', '/crm/properties/2026-03/{object}', {
    query: null,
    request: z.strictObject({
      name: z.string().regex(/^[a-z0-9_]+$/),
      label: z.string().min(1),
      description: z.string(),
      groupName: z.string(),
      type: z.enum(['string', 'bool']),
      fieldType: z.enum(['text', 'booleancheckbox']),
      hasUniqueValue: z.boolean(),
      options: z.array(
        z.strictObject({
          label: z.string(),
          value: z.string(),
          displayOrder: z.int(),
          hidden: z.boolean(),
        }),
      ),
    }),
    answer: property,
  }),
  list_pipelines: read('/crm/pipelines/2026-03/{object}', z.object({ results: z.array(pipeline) })),
  list_owners: call('GET', '/crm/owners/2026-03', {
    query: z.strictObject({ limit: z.int().min(1).max(500), after: z.string().optional() }),
    request: null,
    answer: pageOf(owner),
  }),
};

const webhookCalls = {
  get_settings: read(`${WEBHOOKS}/settings`, settings),
  put_settings: call('PUT', `${WEBHOOKS}/settings`, {
    query: null,
    request: z.strictObject({
      targetUrl: z.url({ protocol: /^https$/ }),
      throttling: z.strictObject({ maxConcurrentRequests: z.int().min(1) }),
    }),
    answer: settings,
  }),
  list_subscriptions: read(`${WEBHOOKS}/subscriptions`, z.object({ results: z.array(subscription) })),
  create_subscription: call('POST', `${WEBHOOKS}/subscriptions`, {
    query: null,
    request: z.strictObject({
      active: z.literal(true),
      eventType: z.enum(EVENT_TYPES),
      propertyName: z.string().optional(),
    }),
    answer: subscription,
  }),
  change_subscription: call('PATCH', `${WEBHOOKS}/subscriptions/{subscription_id}`, {
    query: null,
    request: z.strictObject({ active: z.literal(true) }),
    answer: subscription,
  }),
};

export const HUBSPOT_CALLS = { ...objectCalls, ...accountCalls, ...webhookCalls } satisfies Record<
  string,
  CrmCall
>;

export type HubspotCalls = typeof HUBSPOT_CALLS;

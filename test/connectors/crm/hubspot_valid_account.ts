import type { HubspotSubjects } from './hubspot_subjects.ts';
import type { ValidRequest } from './valid_request.ts';

/* Valid requests about the account, its properties, and its webhooks. */

export function accountRequests({ app_id, api_key }: HubspotSubjects, turn: number): ValidRequest[] {
  const get = (path: string, queries: string[], described = path): ValidRequest => ({
    method: 'GET',
    path,
    described,
    body: null,
    queries,
  });
  const app = `/webhooks/2026-03/${app_id}`;
  const described = '/webhooks/2026-03/{app_id}';
  const types = '/crm/properties/2026-03/{object}';
  return [
    {
      method: 'POST',
      path: '/oauth/v2/private-apps/get/access-token-info',
      described: '/oauth/v2/private-apps/get/access-token-info',
      body: { tokenKey: api_key },
      required: [['tokenKey']],
      malformed: [[['tokenKey'], 'other']],
    },
    get('/account-info/v3/details', ['verbose=1']),
    get('/crm/pipelines/2026-03/0-3', ['limit=1'], '/crm/pipelines/2026-03/{object}'),
    get('/crm/owners/2026-03?limit=100', ['limit=501', 'after=x', 'archived=maybe'], '/crm/owners/2026-03'),
    get('/crm/properties/2026-03/0-3', ['limit=1'], types),
    {
      method: 'POST',
      path: '/crm/properties/2026-03/0-3',
      described: types,
      body: {
        name: `reference_${turn}`,
        label: 'Reference',
        description: 'Written by Touchline.',
        groupName: 'dealinformation',
        type: 'string',
        fieldType: 'text',
        hasUniqueValue: true,
        options: [],
      },
      required: ['name', 'label', 'groupName', 'type', 'fieldType'].map((name) => [name]),
      malformed: [
        [['name'], 'Not A Name'],
        [['name'], 'touchline_reference'],
        [['label'], ''],
        [['type'], 'json'],
        [['fieldType'], 'booleancheckbox'],
        [['groupName'], 'contactinformation'],
      ],
    },
    get(`${app}/settings`, ['x=1'], `${described}/settings`),
    {
      method: 'PUT',
      path: `${app}/settings`,
      described: `${described}/settings`,
      body: { targetUrl: 'https://touchline.example/', throttling: { maxConcurrentRequests: 10 } },
      required: [['targetUrl'], ['throttling'], ['throttling', 'maxConcurrentRequests']],
      malformed: [
        [['targetUrl'], 'http://touchline.example/'],
        [['targetUrl'], 'touchline.example'],
        [['throttling', 'maxConcurrentRequests'], 0],
      ],
    },
    get(`${app}/subscriptions`, ['limit=1'], `${described}/subscriptions`),
    {
      method: 'POST',
      path: `${app}/subscriptions`,
      described: `${described}/subscriptions`,
      body: { active: true, eventType: 'deal.propertyChange', propertyName: `reference_${turn - 4}` },
      required: [['active'], ['eventType'], ['propertyName']],
      malformed: [
        [['eventType'], 'deal.renamed'],
        [['eventType'], 'contact.creation'],
        [['propertyName'], 'nothing'],
        [['propertyName'], ''],
      ],
    },
    {
      method: 'PATCH',
      path: `${app}/subscriptions/100`,
      described: `${described}/subscriptions/{subscription_id}`,
      body: { active: true },
      required: [['active']],
    },
  ];
}

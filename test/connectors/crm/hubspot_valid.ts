import { type HubspotSubjects, OBJECTS } from './hubspot_subjects.ts';
import { accountRequests } from './hubspot_valid_account.ts';
import type { Path, ValidRequest } from './valid_request.ts';

/* Valid requests to HubSpot, and where they can be made invalid. */

const OBJECT = `${OBJECTS}/{object}`;

const at = (name: string): Path => ['properties', name];
const malformed = (values: Record<string, unknown[]>): [Path, unknown][] =>
  Object.entries(values).flatMap(([name, list]) => list.map((value): [Path, unknown] => [at(name), value]));
const toOne = (id: string, associationTypeId: number) => ({
  to: { id },
  types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId }],
});
const inLinks: Path[] = [
  ['properties'],
  ['associations'],
  ['associations', 0, 'to'],
  ['associations', 0, 'to', 'id'],
  ['associations', 0, 'types'],
  ['associations', 0, 'types', 0, 'associationTypeId'],
];
const wrongLinks: [Path, unknown][] = [
  [['associations', 0, 'types'], []],
  [['associations', 0, 'types', 0, 'associationTypeId'], 999],
  [['associations', 0, 'types', 0, 'associationTypeId'], 4.5],
  [['associations', 0, 'types', 0, 'associationCategory'], 'OURS'],
  [['associations', 0, 'to', 'id'], 'x'],
];

const PERSON_FAULTS = malformed({
  email: ['not an address', 'two@@acme.example', 'subject@acme.example', ''],
  hs_additional_emails: ['a@b.example;no address', 'subject@acme.example'],
  touchline_opt_out: ['yes', true],
  phone: ['call me'],
  hs_object_id: ['1'],
  nickname: ['Pat'],
});
const DEAL_FAULTS = malformed({
  amount: ['12,50', 12.5, 'much'],
  dealstage: ['nowhere', 'parked', '7002', ''],
  pipeline: ['nowhere', '7001'],
  hubspot_owner_id: ['999999999', 'Ada'],
  deal_currency_code: ['EUR'],
  dealname: [''],
});

function objectRequests(subjects: HubspotSubjects, turn: number): ValidRequest[] {
  const { person_id, company_id, deal_id, owner_id, now_ms } = subjects;
  const ahead = new Date(now_ms + 365 * 24 * 3_600_000).toISOString();
  const now = new Date(now_ms).toISOString();
  const deal = {
    dealname: 'Acme',
    pipeline: 'default',
    dealstage: 'closedwon',
    amount: '1200.5',
    hubspot_owner_id: owner_id,
  };
  const person = {
    email: `a${turn}@acme.example`,
    hs_additional_emails: `b${turn}@acme.example`,
    phone: '+12025550101',
    touchline_opt_out: 'false',
  };
  const task = { hs_timestamp: ahead, hs_task_subject: 'Call', hubspot_owner_id: owner_id };
  const create = (
    kind: string,
    properties: Record<string, string>,
    link: ReturnType<typeof toOne>,
    own: Partial<ValidRequest>,
  ): ValidRequest => ({
    method: 'POST',
    path: `${OBJECTS}/${kind}`,
    described: OBJECT,
    body: { properties, associations: [link] },
    queries: ['archived=true'],
    ...own,
    required: [...inLinks, ...(own.required ?? [])],
    malformed: [...wrongLinks, ...(own.malformed ?? [])],
  });
  const change = (
    kind: string,
    id: string,
    properties: Record<string, string>,
    faults: [Path, unknown][],
  ) => ({
    method: 'PATCH',
    path: `${OBJECTS}/${kind}/${id}`,
    described: `${OBJECT}/{id}`,
    body: { properties },
    required: [['properties']],
    malformed: faults,
  });
  return [
    create('contacts', person, toOne(company_id, 1), { required: [at('email')], malformed: PERSON_FAULTS }),
    create('0-3', { ...deal, touchline_reference: `deal-${turn}` }, toOne(person_id, 3), {
      required: [at('dealname'), at('dealstage')],
      malformed: DEAL_FAULTS,
    }),
    create('notes', { hs_timestamp: now, hs_note_body: 'Text' }, toOne(person_id, 202), {
      required: [at('hs_timestamp')],
      malformed: malformed({
        hs_timestamp: [ahead, 'yesterday', '2027-01-11'],
        hs_note_body: ['x'.repeat(65_537)],
      }),
    }),
    create('tasks', task, toOne(deal_id, 216), {
      required: [at('hs_timestamp')],
      malformed: malformed({
        hs_timestamp: ['tomorrow'],
        hs_task_status: ['LATER'],
        hubspot_owner_id: ['7'],
      }),
    }),
    change(
      'contacts',
      person_id,
      { jobtitle: `CTO ${turn}` },
      PERSON_FAULTS.filter(([, value]) => value !== 'subject@acme.example'),
    ),
    change('0-3', deal_id, { ...deal, dealname: `Acme ${turn}` }, DEAL_FAULTS),
    change('companies', company_id, { name: `Acme ${turn}` }, [
      [at('domain'), 'no dots'],
      [at('hs_additional_domains'), 'more.example'],
    ]),
  ];
}

function readRequests({ person_id, company_id, deal_id }: HubspotSubjects): ValidRequest[] {
  return [
    {
      method: 'GET',
      path: `${OBJECTS}/contacts?limit=10&properties=email&associations=companies`,
      described: OBJECT,
      body: null,
      queries: ['limit=101', 'limit=0', 'limit=ten', 'after=x', 'page=2', 'associations=people'],
    },
    {
      method: 'GET',
      path: `${OBJECTS}/0-3/${deal_id}?properties=dealname&associations=contacts,companies`,
      described: `${OBJECT}/{id}`,
      body: null,
      queries: ['expand=all', 'associations=people'],
    },
    {
      method: 'POST',
      path: `${OBJECTS}/contacts/batch/read`,
      described: `${OBJECT}/batch/read`,
      body: { inputs: [{ id: person_id }], properties: ['email'], propertiesWithHistory: [] },
      required: [['inputs'], ['inputs', 0, 'id'], ['properties'], ['propertiesWithHistory']],
      malformed: [
        [['inputs'], []],
        [['inputs'], Array.from({ length: 101 }, () => ({ id: '1' }))],
        [['idProperty'], 'jobtitle'],
        [['idProperty'], 'nothing'],
      ],
      is_id_free: true,
    },
    {
      method: 'POST',
      path: `${OBJECTS}/companies/search`,
      described: `${OBJECT}/search`,
      body: {
        filterGroups: [{ filters: [{ propertyName: 'domain', operator: 'IN', values: ['a.example'] }] }],
        properties: ['domain'],
        sorts: [],
        limit: 10,
        after: '0',
      },
      required: [
        ...['filterGroups', 'properties', 'sorts', 'limit', 'after'].map((name) => [name]),
        ['filterGroups', 0, 'filters'],
        ['filterGroups', 0, 'filters', 0, 'values'],
      ],
      malformed: [
        [['filterGroups'], []],
        [['filterGroups', 0, 'filters', 0, 'operator'], 'LIKE'],
        [['filterGroups', 0, 'filters', 0, 'propertyName'], 'nothing'],
        [['limit'], 201],
        [['limit'], 0],
        [['after'], 'next'],
      ],
    },
    {
      method: 'GET',
      path: `${OBJECTS}/contacts/${person_id}/associations/notes?limit=500`,
      described: `${OBJECT}/{id}/associations/{to_object}`,
      body: null,
      queries: ['limit=501', 'limit=0', 'after=x', 'page=2'],
    },
    {
      method: 'PUT',
      path: `${OBJECTS}/0-3/${deal_id}/associations/companies/${company_id}`,
      described: `${OBJECT}/{id}/associations/{to_object}/{to_id}`,
      body: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 5 }],
      required: [
        [0, 'associationCategory'],
        [0, 'associationTypeId'],
      ],
      malformed: [
        [[0, 'associationTypeId'], 3],
        [[0, 'associationTypeId'], 1],
        [[0, 'associationCategory'], 'OURS'],
      ],
    },
  ];
}

export function hubspotRequests(subjects: HubspotSubjects, turn: number): ValidRequest[] {
  return [...objectRequests(subjects, turn), ...readRequests(subjects), ...accountRequests(subjects, turn)];
}

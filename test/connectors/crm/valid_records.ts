import type { Path, ValidRequest } from './valid_request.ts';
import { at, type Subjects, value } from './valid_subjects.ts';

/* Valid writes and reads of records. */

export function recordRequests({ person_id, company_id }: Subjects, turn: number): ValidRequest[] {
  const link = [{ target_object: 'companies', target_record_id: company_id }];
  const person = {
    email_addresses: [{ email_address: `a${turn}@acme.example` }, { email_address: `b${turn}@acme.example` }],
    name: [{ first_name: 'Pat', last_name: 'Lee', full_name: 'Pat Lee' }],
    job_title: [{ value: 'CTO' }],
    company: link,
    touchline_opt_out: [{ value: false }],
  };
  const malformed: [Path, unknown][] = [
    [value('email_addresses', 0, 'email_address'), 'not an address'],
    [value('email_addresses', 0, 'email_address'), 'two@@acme.example'],
    [value('company'), [...link, ...link]],
    [value('company', 0, 'target_object'), 'deals'],
    [value('touchline_opt_out', 0, 'value'), 'yes'],
    [value('created_at'), [{ value: '2027-01-01T00:00:00Z' }]],
    [value('email_addresses'), []],
  ];
  const required = [
    ['data'],
    at('values'),
    value('name', 0, 'full_name'),
    value('company', 0, 'target_object'),
  ];
  const phones = { phone_numbers: [{ original_phone_number: '+12025550101' }] };
  return [
    {
      method: 'PUT',
      path: '/v2/objects/people/records?matching_attribute=email_addresses',
      described: '/v2/objects/{object}/records',
      body: { data: { values: person } },
      required: [...required, value('email_addresses')],
      malformed,
      queries: [
        '',
        'matching_attribute=job_title',
        'matching_attribute=nothing',
        'matching_attribute=email_addresses&x=1',
      ],
    },
    {
      method: 'PUT',
      path: '/v2/objects/companies/records?matching_attribute=domains',
      described: '/v2/objects/{object}/records',
      body: { data: { values: { name: [{ value: 'Acme' }], domains: [{ domain: `d${turn}.example` }] } } },
      required: [['data'], at('values'), value('domains')],
      malformed: [
        [value('domains', 0, 'domain'), 'no dots'],
        [value('domains', 0, 'domain'), 'https://acme.example'],
        [value('name'), [{ value: 'A' }, { value: 'B' }]],
      ],
    },
    {
      method: 'PATCH',
      path: `/v2/objects/people/records/${person_id}`,
      described: '/v2/objects/{object}/records/{record_id}',
      body: { data: { values: { ...person, ...phones } } },
      required: [...required, value('phone_numbers', 0, 'original_phone_number')],
      malformed: [
        ...malformed.slice(0, -1),
        [value('phone_numbers', 0, 'original_phone_number'), '555-0101'],
      ],
    },
    {
      method: 'POST',
      path: '/v2/objects/people/records/query',
      described: '/v2/objects/{object}/records/query',
      body: {
        filter: { email_addresses: { $eq: 'a@acme.example' } },
        sorts: [{ direction: 'asc', attribute: 'created_at' }],
        limit: 10,
        offset: 0,
      },
      required: [
        ['sorts', 0, 'direction'],
        ['sorts', 0, 'attribute'],
      ],
      malformed: [
        [['limit'], 501],
        [['limit'], 0],
        [['offset'], -1],
        [['limit'], '10'],
        [['sorts', 0, 'direction'], 'up'],
        [['sorts', 0, 'attribute'], 'nothing'],
        [['filter'], { nothing: 'x' }],
        [['filter'], { name: { $like: 'x' } }],
      ],
      queries: ['limit=10'],
    },
    {
      method: 'GET',
      path: `/v2/objects/people/records/${person_id}`,
      described: '/v2/objects/{object}/records/{record_id}',
      body: null,
      queries: ['expand=all'],
    },
  ];
}

export function dealRequests(
  { owner, stage_id, archived_id, person_id, company_id, deal_id }: Subjects,
  turn: number,
): ValidRequest[] {
  const values = {
    name: [{ value: 'Acme' }],
    stage: [{ status: stage_id }],
    owner: [owner],
    value: [{ currency_value: 1200.5 }],
    associated_people: [{ target_object: 'people', target_record_id: person_id }],
    associated_company: [{ target_object: 'companies', target_record_id: company_id }],
  };
  const malformed: [Path, unknown][] = [
    [value('value', 0, 'currency_value'), 1.23456],
    [value('value', 0), { currency_value: 1, currency_code: 'USD' }],
    [value('stage', 0, 'status'), 'No such stage'],
    [value('stage', 0, 'status'), archived_id],
    [value('owner', 0, 'referenced_actor_type'), 'api-token'],
    [value('name'), []],
    [value('associated_company', 0, 'target_object'), 'people'],
  ];
  const inner = [
    ['data'],
    at('values'),
    value('owner', 0, 'referenced_actor_type'),
    value('owner', 0, 'referenced_actor_id'),
    value('associated_people', 0, 'target_record_id'),
  ];
  return [
    {
      method: 'POST',
      path: '/v2/objects/deals/records',
      described: '/v2/objects/{object}/records',
      body: { data: { values: { ...values, touchline_reference: [{ value: `deal-${turn}` }] } } },
      required: [...inner, value('name'), value('stage'), value('owner')],
      malformed,
      queries: ['matching_attribute=name'],
    },
    {
      method: 'PATCH',
      path: `/v2/objects/deals/records/${deal_id}`,
      described: '/v2/objects/{object}/records/{record_id}',
      body: { data: { values } },
      required: inner,
      malformed,
    },
    {
      method: 'POST',
      path: '/v2/objects/deals/attributes',
      described: '/v2/{target}/{identifier}/attributes',
      body: {
        data: {
          title: 'Reference',
          description: 'Written by Touchline.',
          api_slug: `reference_${turn}`,
          type: 'text',
          is_required: false,
          is_unique: true,
          is_multiselect: false,
          config: {},
        },
      },
      required: [
        'title',
        'description',
        'api_slug',
        'type',
        'is_required',
        'is_unique',
        'is_multiselect',
        'config',
      ]
        .map((key) => at(key))
        .concat([['data']]),
      malformed: [
        [at('type'), 'status-text'],
        [at('type'), 'personal-name'],
        [at('api_slug'), 'Not A Slug'],
        [at('api_slug'), 'touchline_reference'],
        [at('title'), ''],
      ],
    },
  ];
}

import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { alsoCalled, formerly, underCurrentNames } from '../../src/operations/former_names.ts';
import { registry } from '../../src/operations/registry.ts';
import { readInput } from '../../src/surfaces/input.ts';
import { type JsonSchema, jsonSchemaOf } from '../../src/surfaces/json_schema.ts';

const part = z.strictObject({ personal: alsoCalled('old_personal', z.boolean().default(false)) });
const schema = z.object({
  slug: formerly('name', z.string()),
  parts: z.array(part).optional(),
  plain: z.string().optional(),
});

describe('a former name', () => {
  test('is read as the current one, at any depth', () => {
    const given = { name: 'a', parts: [{ old_personal: true }, { personal: false }], plain: 'b' };
    const current = { slug: 'a', parts: [{ personal: true }, { personal: false }], plain: 'b' };
    expect(underCurrentNames(schema, given)).toEqual(current);
    expect(readInput(schema, given)).toEqual(current);
  });

  test('beside the current one is refused', () => {
    expect(() => readInput(schema, { name: 'a', slug: 'b' })).toThrow(
      expect.objectContaining({ errors: [{ path: 'name', message: 'is not a known field' }] }),
    );
  });

  test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
    'is not confused with %s',
    (field) => {
      const given = JSON.parse(`{"name": "a", "${field}": 1}`);
      expect(() => readInput(schema, given)).toThrow(
        expect.objectContaining({
          code: 'input_invalid',
          errors: [{ path: field, message: 'is not a known field' }],
        }),
      );
    },
  );

  test('is deprecated in the document, and a name of the specification is not in it', () => {
    const { properties, required } = jsonSchemaOf(schema, 'input', {});
    expect(properties?.name).toEqual({
      type: 'string',
      description: 'the former name of slug',
      deprecated: true,
    });
    expect(required).toEqual(['slug']);
    expect(JSON.stringify(properties)).not.toMatch(/old_personal|former_name|unlisted_name/);
    expect(Object.keys(jsonSchemaOf(schema, 'input').properties!)).toEqual(['slug', 'parts', 'plain']);
  });

  test.each([
    ['request_sequence', { lead_id: 'a@b.example', campaign: 'close' }, { campaign_slug: 'close' }],
    ['request_sequences', { leads: ['a@b.example'], campaign: 'close' }, { campaign_slug: 'close' }],
    ['list_enrollments', { campaign: 'close' }, { campaign_slug: 'close' }],
    ['list_drafts', { campaign: 'close' }, { campaign_slug: 'close' }],
    ['list_events', { type: 'held', campaign: 'close' }, { event_type: 'held', campaign_slug: 'close' }],
    ['list_events', { reason: 'compliance_block' }, { suppressed_reason: 'compliance_block' }],
    ['analytics_suppressions', { reason: 'compliance_block' }, { suppressed_reason: 'compliance_block' }],
    ['analytics_funnel', { campaign: 'close' }, { campaign_slug: 'close' }],
    ['take_inbound', { raw: 'a', mailbox: 'a@b.example' }, { mailbox_id: 'a@b.example' }],
    ['put_campaign', { ...definition('client') }, { client_id: 'b2bea' }],
  ])('of %s is accepted', (name, given, current) => {
    const { input } = registry.find((one) => one.name === name)!;
    expect(readInput(input, given)).toMatchObject(current);
  });
});

function definition(brand: string) {
  const step = { step_number: 1, delay_days: 0, channel: 'email', content_type: 'follow_up' };
  const steps = [{ ...step, requires_justin_send: true, template_instructions: 'Ask.' }];
  return { slug: 'a', name: 'A', [brand]: 'b2bea', type: 'event', owner_role: 'roles.sales', steps };
}

/* Inputs that no output of their noun shows. Each is an instruction (`reason`, `dry_run`), a filter, a secret, or a
   precondition. No property of a noun is among them: it has the name under which the noun shows it. */
const ORDERS = [
  ...[
    'action',
    'already_sent',
    'bucket',
    'by',
    'decidable',
    'decline',
    'dry_run',
    'encoding',
    'retry',
    'round_robin',
    'send',
    'skip_step',
    'scope',
  ],
  ...[
    'went',
    'result',
    'undo',
    'paused',
    'reason',
    'role',
    'types',
    'kinds',
    'lease_seconds',
    'campaigns',
    'accounts',
    'leads',
    'values',
    'rows',
    'subject_id',
    'raw',
    'yaml',
  ],
  ...['cursor', 'limit', 'q', 'order', 'blocked', 'handled', 'mine', 'open_only', 'unread_only', 'subject'],
  'suggesting',
  ...[
    'since',
    'until',
    'quarters',
    'expect',
    'mapping',
    'continue_from',
    'whole',
    'words',
    'suppressed_reason',
  ],
  ...['expected_version', 'claim_id', 'template_hash', 'content_hash', 'organization', 'link_token'],
  ...[
    'password',
    'current_password',
    'new_password',
    'email',
    'private_key',
    'client_secret',
    'api_key',
    'refresh_token',
    'url',
  ],
  ...['provider', 'token_url', 'scopes', 'user', 'prompt_version'],
  // The response to a request is the gate's; these belong to the enrollment.
  ...['campaign_slug', 'requested_by', 'goal', 'notes'],
  // The response leaves the map of exits open.
  ...['converted', 'meeting', 'registered', 'no_engagement', 'rejected', 'gate', 'suggest'],
];

test('an input has the name of the output that shows it', () => {
  const shown = new Map<string, Set<string>>();
  for (const { http, output } of registry) {
    const noun = http!.path.split('/')[1]!;
    const names = shown.get(noun) ?? new Set();
    for (const name of namesIn(jsonSchemaOf(output, 'output'))) names.add(name);
    shown.set(noun, names);
  }
  const inputs = registry.flatMap(({ name, http, input }) =>
    namesIn(jsonSchemaOf(input, 'input')).map((field) => ({ name, field, noun: http!.path.split('/')[1]! })),
  );
  expect(inputs.length).toBeGreaterThan(250);
  const in_path = new Set(['id', 'segment', 'step_number']);
  const unknown = inputs.filter(
    ({ field, noun }) => !shown.get(noun)!.has(field) && !in_path.has(field) && !ORDERS.includes(field),
  );
  expect(unknown.map(({ name, field }) => `${name}: ${field}`)).toEqual([]);
  const used = new Set(inputs.map(({ field }) => field));
  expect(ORDERS.filter((field) => !used.has(field))).toEqual([]);
});

function namesIn({ properties = {}, items, anyOf = [] }: JsonSchema): string[] {
  return [
    ...Object.entries(properties).flatMap(([name, inner]) => [name, ...namesIn(inner)]),
    ...(items === undefined ? [] : namesIn(items)),
    ...anyOf.flatMap(namesIn),
  ];
}

import { expect, test } from 'vitest';
import type { z } from 'zod';
import { ATTIO_CALLS } from '../../../src/connectors/crm/attio_calls.ts';
import { ATTIO_SCOPES } from '../../../src/connectors/crm/attio_describe.ts';
import { ATTIO_INPUT, ATTIO_OUTPUT } from '../../../src/connectors/crm/attio_shapes.ts';
import type { CrmCall } from '../../../src/connectors/crm/crm_client.ts';
import { crmDifferences, type Description } from '../../../tools/crm_schemas.ts';
import type { JsonSchema } from '../../../tools/schema_differences.ts';

/* The comparison with a description that says exactly what our schemas say, and with one change each. */

const jsonOf = (schema: z.ZodType) => structuredClone(schema.toJSONSchema({ io: 'input' })) as JsonSchema;
const content = (schema: z.ZodType) => ({ 'application/json': { schema: jsonOf(schema) } });

function describedExactly(): Description {
  const paths: Description['paths'] = {};
  for (const call of Object.values<CrmCall>(ATTIO_CALLS)) {
    const query = call.query === null ? {} : (jsonOf(call.query).properties ?? {});
    paths[call.path] ??= {};
    paths[call.path]![call.method.toLowerCase()] = {
      description: ATTIO_SCOPES.map((scope) => `\`${scope}\``).join(' '),
      parameters: Object.entries(query).map(([name, schema]) => ({ name, in: 'query', schema })),
      ...(call.request === null ? {} : { requestBody: { content: content(call.request) } }),
      responses: { '200': { content: content(call.answer) } },
    };
  }
  const typed = Object.entries(ATTIO_OUTPUT).map(([type, schema]) => {
    const json = jsonOf(schema);
    return { ...json, properties: { ...json.properties, attribute_type: { type: 'string', enum: [type] } } };
  });
  const inputs = { anyOf: Object.values(ATTIO_INPUT).map(jsonOf) };
  return { paths, components: { schemas: { 'input-value': inputs, 'output-value': { anyOf: typed } } } };
}

/** The description after a change, as differences. */
function after(change: (description: Description) => void): string[] {
  const description = describedExactly();
  change(description);
  return crmDifferences(description);
}

const NOTES = 'POST /v2/notes';
const operation = (description: Description, name: string) => {
  const [method = '', path = ''] = name.split(' ');
  return description.paths[path]![method.toLowerCase()]!;
};
const noteOf = (description: Description) =>
  operation(description, NOTES).requestBody!.content['application/json']!.schema.properties!.data!;
const answerOf = (description: Description, name: string) =>
  operation(description, name).responses['200']!.content!['application/json']!.schema.properties!.data!;

test('a description that says the same has no differences', () => {
  expect(after(() => undefined)).toEqual([]);
});

test('a path or method that is gone', () => {
  const gone = after(({ paths }) => {
    delete paths['/v2/notes']!.post;
    delete paths['/v2/workspace_members'];
  });
  expect(gone).toEqual([
    'GET /v2/workspace_members: is not in the description',
    `${NOTES}: is not in the description`,
  ]);
});

test.each<[string, (note: JsonSchema) => void, string]>([
  ['a key that is gone', (note) => delete note.properties!.title, 'data.title: is not in the description'],
  ['a new required key', (note) => note.required!.push('kind'), 'data.kind: is absent, but is required'],
  [
    'another type',
    (note) => {
      note.properties!.title = { type: 'number' };
    },
    'data.title: string, but number is expected',
  ],
  [
    'another enum',
    (note) => {
      note.properties!.format = { type: 'string', enum: ['html'] };
    },
    'data.format: plaintext is not one of html',
  ],
  [
    'a free text that became an enum',
    (note) => {
      note.properties!.content = { type: 'string', enum: ['a', 'b'] };
    },
    'data.content: free, but one of a, b is expected',
  ],
  [
    'a text that became an id',
    (note) => {
      note.properties!.parent_object = { type: 'string', format: 'uuid' };
    },
    'data.parent_object: free, but a UUID is expected',
  ],
])('in a request: %s', (_, change, line) => {
  expect(after((description) => change(noteOf(description)))).toEqual([`${NOTES} request ${line}`]);
});

const MEMBERS = 'GET /v2/workspace_members';

test.each<[string, (member: JsonSchema) => void, string]>([
  [
    'a key that we need is gone',
    (member) => {
      delete member.properties!.email_address;
      member.required = member.required!.filter((name) => name !== 'email_address');
    },
    'data[].email_address: is absent, but is required',
  ],
  [
    'a key that we need became optional',
    (member) => {
      member.required = member.required!.filter((name) => name !== 'email_address');
    },
    'data[].email_address: is not always present, but is required',
  ],
  [
    'a key may be null now',
    (member) => {
      member.properties!.email_address = { type: ['string', 'null'] };
    },
    'data[].email_address: null, but string is expected',
  ],
  [
    'a new value of an enum',
    (member) => member.properties!.access_level!.enum!.push('guest'),
    'data[].access_level: guest is not one of admin, member, suspended',
  ],
])('in an answer: %s', (_, change, line) => {
  const found = after((description) => change(answerOf(description, MEMBERS).items!));
  expect(found).toEqual([`${MEMBERS} answer ${line}`]);
});

test('a new key of an answer is no difference', () => {
  const added = after((description) => {
    const member = answerOf(description, MEMBERS).items!;
    member.properties!.nickname = { type: 'string' };
    member.required!.push('nickname');
  });
  expect(added).toEqual([]);
});

test('a query parameter that is gone or required, and a scope', () => {
  const changed = after((description) => {
    const tasks = operation(description, 'GET /v2/tasks');
    tasks.parameters = tasks.parameters!.filter(({ name }) => name !== 'linked_object');
    tasks.parameters.push({ name: 'workspace', in: 'query', required: true, schema: { type: 'string' } });
    tasks.description = 'Required scopes: `task:read`, `billing:read`, `list_entry:read`.';
  });
  expect(changed).toEqual([
    'GET /v2/tasks query workspace: is absent, but is required',
    'GET /v2/tasks query linked_object: is not in the description',
    'GET /v2/tasks scopes: billing:read is required, but is not among ours',
  ]);
});

test('values of attributes', () => {
  const changed = after(({ components }) => {
    const inputs = components.schemas['input-value']!.anyOf!;
    components.schemas['input-value'] = {
      anyOf: inputs.filter(({ properties }) => !('domain' in properties!)),
    };
    const outputs = components.schemas['output-value']!.anyOf!;
    components.schemas['output-value'] = {
      anyOf: outputs.filter(({ properties }) => !('phone_number' in properties!)),
    };
  });
  const parts = changed.map((line) => /^components \S+ [a-z-]+/.exec(line)?.[0]);
  expect([...new Set(parts)]).toEqual([
    'components input-value domain',
    'components output-value phone-number',
  ]);
});

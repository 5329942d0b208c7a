import { expect, test } from 'vitest';
import type { z } from 'zod';
import type { CrmCall } from '../../../src/connectors/crm/crm_client.ts';
import { HUBSPOT_CALLS } from '../../../src/connectors/crm/hubspot_calls.ts';
import { type Description, hubspotDifferences } from '../../../tools/crm_schemas.ts';
import type { JsonSchema } from '../../../tools/schema_differences.ts';

/* The comparison with descriptions that say exactly what our schemas say, and with one change each. */

const jsonOf = (schema: z.ZodType) => structuredClone(schema.toJSONSchema({ io: 'input' })) as JsonSchema;
const content = (schema: z.ZodType) => ({ 'application/json': { schema: jsonOf(schema) } });

function describedExactly(): Description {
  const paths: Description['paths'] = {};
  for (const call of Object.values<CrmCall>(HUBSPOT_CALLS)) {
    const query = call.query === null ? {} : (jsonOf(call.query).properties ?? {});
    const is_empty = call.answer.safeParse(undefined).success;
    paths[call.path] ??= {};
    paths[call.path]![call.method.toLowerCase()] = {
      security: [{ oauth2: ['crm.objects.contacts.read'] }],
      parameters: Object.entries(query).map(([name, schema]) => ({ name, in: 'query', schema })),
      ...(call.request === null ? {} : { requestBody: { content: content(call.request) } }),
      responses: is_empty ? { '204': {} } : { '200': { content: content(call.answer) } },
    };
  }
  return { paths, components: { schemas: {} } };
}

const OBJECTS = '/crm/objects/2026-03/{object}';

/** The descriptions after a change, as differences. */
function after(change: (paths: Description['paths']) => void): string[] {
  const description = describedExactly();
  change(description.paths);
  return hubspotDifferences([description]);
}

test('descriptions that say the same have no differences', () => {
  expect(after(() => undefined)).toEqual([]);
});

test('a call of objects is compared with the file of each object, and tasks with that of notes', () => {
  const gone = after((paths) => {
    const { [`${OBJECTS}/search`]: search = {}, ...others } = paths;
    for (const name of Object.keys(paths)) delete paths[name];
    Object.assign(paths, others, {
      '/crm/objects/2026-03/notes/search': search,
      '/crm/objects/2026-03/contacts/search': search,
    });
  });
  expect(gone).toEqual([
    'POST /crm/objects/2026-03/companies/search: is not in the descriptions',
    'POST /crm/objects/2026-03/0-3/search: is not in the descriptions',
  ]);
});

test('a new required key of a request, and a scope that we lack', () => {
  const erase = '/crm/objects/2026-03/contacts/gdpr-delete';
  const changed = after((paths) => {
    const operation = paths[erase]!.post!;
    operation.requestBody!.content['application/json']!.schema.required!.push('reason');
    operation.security = [{ oauth2: ['crm.objects.gdpr.write'] }];
  });
  expect(changed).toEqual([
    `POST ${erase} request reason: is absent, but is required`,
    `POST ${erase} scopes: one of crm.objects.gdpr.write is required, but none is ours`,
  ]);
});

test('an answer to a part of a batch, and an answer where none was', () => {
  const changed = after((paths) => {
    const partial = { type: 'object', properties: {}, required: [] };
    paths[`${OBJECTS}/batch/read`]!.post!.responses['207'] = {
      content: { 'application/json': { schema: partial } },
    };
    paths['/crm/objects/2026-03/contacts/gdpr-delete']!.post!.responses = {
      '200': { content: { 'application/json': { schema: partial } } },
    };
  });
  const types = ['contacts', 'companies', '0-3', 'notes', 'tasks'];
  expect(changed).toEqual([
    ...types.map(
      (type) => `POST /crm/objects/2026-03/${type}/batch/read answer results: is absent, but is required`,
    ),
    'POST /crm/objects/2026-03/contacts/gdpr-delete answer: is expected to be empty',
  ]);
});

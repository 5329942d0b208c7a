import { CHANGES_PERMISSION, change } from '../operations/log/changes.ts';
import type { Operation, Permission } from '../operations/operation.ts';
import { jsonSchemaOf, type NamedSchemas } from './json_schema.ts';

/** `GET /stream`, which is not an operation because its answer never ends. Present where the log can be read. */
export function streamPath(
  registry: readonly Operation[],
  whoText: (permission: Permission) => string,
  named: NamedSchemas,
): Record<string, Record<string, unknown>> {
  if (!registry.some(({ name }) => name === 'list_events')) return {};
  return { '/stream': { get: describeStream(whoText(CHANGES_PERMISSION), named) } };
}

function describeStream(who: string, named: NamedSchemas): Record<string, unknown> {
  return {
    operationId: 'stream_changes',
    summary:
      'Tells at once what changes in the organization: events, flags, and notes that are meant for you.',
    description:
      `${who} Server-sent events; each holds one change, small, for you to read again what you show. Nothing is left out, ` +
      'and a change may come twice. To go on after a break send the last `id` as Last-Event-ID, as browsers do, within 24 ' +
      'hours; `reset` says that more changed than is told. It ends within seconds of signing out or of a revoked key, and ' +
      'when you read too slowly. Ten may be open at a time. May be refused with: `streams_exceeded`.',
    tags: ['stream'],
    parameters: [
      {
        name: 'last_event_id',
        in: 'query',
        required: false,
        description: 'instead of the header Last-Event-ID',
        schema: { type: 'string' },
      },
    ],
    responses: {
      '200': {
        description: 'The `data` of each event, as JSON.',
        content: {
          'text/event-stream': {
            schema: jsonSchemaOf(change.meta({ id: 'StreamedChange' }), 'output', named),
          },
        },
      },
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}

import type { Readable } from 'node:stream';
import type { z } from 'zod';
import type { Context } from '../context.ts';
import { actingDb } from '../db/acting.ts';
import type { Origin } from '../db/pool.ts';
import { AppError } from '../errors.ts';
import { actorOf, type Principal, type ShownKey } from '../principal.ts';
import { traced } from '../telemetry/ports.ts';
import type { Client, Operation, Permission } from './operation.ts';
import { withUserIds } from './user_keys.ts';
import type { Expected } from './version.ts';

/** Principal of a public operation without sign-in. */
const nobody: Principal = Object.freeze({
  kind: 'human',
  org_id: '00000000-0000-0000-0000-000000000000',
  user_id: '00000000-0000-0000-0000-000000000000',
  email: '',
  name: 'nobody',
  roles: [],
});

export type Asked = {
  context: Context;
  /** Null: not signed in. */
  principal: Principal | null;
  surface: Origin['surface'];
  request_id: string;
  input: Record<string, unknown>;
  expected?: Expected;
  body?: { stream: Readable; media_type: string };
  client?: Client;
};

/**
 * Throws unless the permissions allow this principal: `unauthenticated`, `forbidden`, or, for agents, `not_human`; for a
 * limited key, `scope_missing` or `session_required`.
 */
export function requirePermission(permission: Permission, principal: Principal | null): void {
  if (permission.is_public) return;
  if (principal === null) {
    throw new AppError('unauthenticated', 'Sign in, or send an API key.', {
      hint: 'From a terminal: touchline sign-in. From a program: the header Authorization: Bearer tl_...',
    });
  }
  requireKind(permission, principal);
  if (principal.key !== undefined) requireKey(permission, principal.key);
}

function requireKind({ people, agents }: Permission, principal: Principal): void {
  if (principal.kind === 'agent') {
    if (agents.includes(principal.agent_kind)) return;
    if (agents.length === 0) {
      throw new AppError('not_human', 'Only people may do this; agents never.');
    }
    throw new AppError('forbidden', 'This is not for agents of your kind.', {
      hint: `It is for agents of kind: ${agents.join(', ')}.`,
    });
  }
  if (people.some((role) => principal.roles.includes(role))) return;
  const roles = people.length === 0 ? 'agents only' : `one of: ${people.join(', ')}`;
  throw new AppError('forbidden', 'Your roles do not include this.', { hint: `It is for ${roles}.` });
}

/** Throws `field_forbidden` with the path of each field forbidden to agents of this kind. */
function requireFields({ fields }: Permission, principal: Principal, input: Record<string, unknown>): void {
  if (fields === undefined || principal.kind !== 'agent') return;
  const { agent_kind } = principal;
  const given = Object.keys(input).filter((name) => name !== 'id' && input[name] !== undefined);
  const refused = given.filter((name) => !fields[name]?.includes(agent_kind));
  if (refused.length === 0) return;
  const may = Object.keys(fields).filter((name) => fields[name]!.includes(agent_kind));
  throw new AppError('field_forbidden', `Agents of your kind do not set ${refused.join(', ')}.`, {
    errors: refused.map((path) => ({ path, message: 'is not allowed for agents of this kind' })),
    hint: `Agents of kind ${agent_kind} set: ${may.join(', ')}.`,
  });
}

function requireKey({ scopes = [], credential }: Permission, key: ShownKey): void {
  if (key.scopes !== null && !scopes.some((scope) => key.scopes?.includes(scope))) {
    throw new AppError('scope_missing', 'This key may not do this.', {
      hint:
        scopes.length === 0 ? 'No scope includes it.' : `It needs one of the scopes: ${scopes.join(', ')}.`,
    });
  }
  if (credential === undefined || (credential === 'session_or_machine_key' && key.is_machine)) return;
  throw new AppError('session_required', 'This needs a person who has signed in; a key is not enough.', {
    hint: sessionHint(credential),
  });
}

function sessionHint(credential: NonNullable<Permission['credential']>): string {
  const ways =
    'Sign in with a browser, or by touchline sign-in and then the same command without a key; over HTTP, send the cookie of POST /sessions with the header Origin.';
  return credential === 'session'
    ? ways
    : `${ways} The command line of the machine where Touchline runs may do it as well.`;
}

/**
 * Runs an operation on any surface. Every statement names the caller to the database, so row policies show only their
 * organization's rows. The output schema strips everything else: an extra column never leaks. Throws the refusals of
 * `requirePermission`, `field_forbidden`, and the operation's own.
 */
export async function runOperation(operation: Operation, asked: Asked): Promise<unknown> {
  const { context, input, body, client, expected } = asked;
  requirePermission(operation.permission, asked.principal);
  const principal = asked.principal ?? nobody;
  requireFields(operation.permission, principal, input);
  const db = actingDb(context.db, actorOf(principal), originOf(operation, asked));
  const given = {
    ...(body ? { body } : {}),
    ...(client ? { client } : {}),
    ...(expected === undefined ? {} : { expected }),
  };
  const attributes = { 'touchline.operation': operation.name, 'touchline.surface': asked.surface };
  return traced(context.tracer, { name: `operation ${operation.name}`, attributes }, async (span) => {
    const own = { ...context, db, ...(span === undefined ? {} : { tracer: span }) };
    const read = await withUserIds(db, principal.org_id, operation.input, input);
    return checked(operation, await operation.run({ context: own, principal, input: read, ...given }));
  });
}

function originOf({ name }: Operation, { context, principal, surface, request_id }: Asked): Origin {
  const at = context.clock.now().toISOString();
  const asked_by =
    principal === null
      ? ({ kind: 'public', id: '' } as const)
      : principal.kind === 'human'
        ? ({ kind: 'human', id: principal.user_id } as const)
        : ({ kind: 'agent', id: principal.agent_id } as const);
  return { surface, operation: name, request_id, at, asked_by };
}

function checked(operation: Operation, result: unknown): unknown {
  const read: z.ZodSafeParseResult<unknown> = operation.output.safeParse(result);
  if (read.success) return read.data;
  const paths = read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Error(`${operation.name} answered against its schema: ${paths.slice(0, 10).join('; ')}`);
}

import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { DAY_MS } from '../../core/durations.ts';
import { createApiKey, findAgent, listApiKeys, revokeApiKey } from '../../db/queries/api_keys.gen.ts';
import { AppError } from '../../errors.ts';
import { newId } from '../../ids.ts';
import type { Principal } from '../../principal.ts';
import type { UserRole } from '../../schema.gen.ts';
import {
  existing,
  id,
  inputInvalid,
  instant,
  kept,
  noun,
  nullableInstant,
  requirePerson,
} from '../fields.ts';
import { operation, transact } from '../operation.ts';
import { BY_ID, pagedList } from '../page.ts';
import { SCOPES } from '../scopes.ts';
import { newToken, sha256 } from './sessions.ts';

/** Enough to distinguish keys in a list, and 48 of 256 bits. */
const PREFIX_LENGTH = 11;

/** A user's own key lasts a quarter by default, a year at most. */
const OWN_DAYS = 90;
const OWN_DAYS_MAX = 366;

const apiKey = noun('ApiKey', {
  id,
  name: z.string(),
  prefix: z.string().describe('first characters of the key'),
  user_id: id.nullable().describe('the user it acts for'),
  agent_id: z.string().nullable().describe('the agent it acts for'),
  scopes: z.array(z.string()).nullable().describe('null: all of its principal’s permissions'),
  created_by_user_id: id.nullable().describe('null: created by the machine at startup'),
  created_at: instant,
  expires_at: nullableInstant,
  revoked_at: nullableInstant,
  last_used_at: nullableInstant.describe('to the minute'),
});

const list = pagedList({
  name: 'list_api_keys',
  summary:
    'List your API keys, including revoked ones; admins and auditors see everyone’s. The keys themselves are not stored.',
  path: '/api_keys',
  cli: {
    command: 'keys',
    columns: 'id prefix name agent_id scopes last_used_at expires_at revoked_at',
    empty: 'No keys. Create one with touchline keys create NAME.',
  },
  item: apiKey,
  order: BY_ID,
  rows: ({ page, db, principal }) =>
    listApiKeys.run({ ...page, user_id: ownOnly(principal, ['admin', 'auditor']) }, db),
});

/**
 * Only a signed-in user or the machine's own key creates keys, never an agent or another key: a stolen key leaves none
 * behind. Without `agent_id` the key acts for its creator, with the creator's roles at each request, and expires. Only an
 * admin creates a key for an agent; it is bound to that agent permanently.
 */
const create = operation({
  name: 'create_api_key',
  summary: 'Create an API key for yourself or, as an admin, for an agent. The key is shown once.',
  http: { method: 'POST', path: '/api_keys' },
  cli: { command: 'keys create', args: ['name'] },
  answers_secret: true,
  input: z.object({
    name: z.string().trim().min(1).max(200).describe('purpose of the key'),
    agent_id: z
      .string()
      .max(64)
      .optional()
      .describe('agent it acts for, permanently (admins only); default: you'),
    scopes: z
      .array(z.enum(SCOPES))
      .min(1)
      .max(SCOPES.length)
      .transform((given) => [...new Set(given)])
      .optional()
      .describe('default: all of its principal’s permissions'),
    expires_at: kept(z.iso.datetime({ offset: true }))
      .optional()
      .describe('default: in 90 days, or never for an agent; your own lasts a year at most'),
  }),
  output: z.object({
    id,
    key: z.string().describe('shown once; only its SHA-256 is stored'),
    name: z.string(),
    prefix: z.string(),
    user_id: id.nullable(),
    agent_id: z.string().nullable(),
    scopes: z.array(z.string()).nullable(),
    expires_at: nullableInstant,
  }),
  errors: 'unknown_reference session_required admin_only',
  text: ({ key, name, expires_at }) =>
    `The key ${name}${expires_at === null ? '' : `, good until ${expires_at}`}, shown this once:\n${key}`,
  run: async ({ context, principal, input }) => {
    const created_by_user_id = requirePerson(principal);
    const { clock } = context;
    const agent_id = input.agent_id ?? null;
    const expires_at = endOf(clock, input.expires_at, agent_id === null);
    const key = `tl_${newToken()}`;
    const row = {
      id: newId(clock),
      name: input.name,
      prefix: key.slice(0, PREFIX_LENGTH),
      user_id: agent_id === null ? created_by_user_id : null,
      agent_id,
      scopes: input.scopes ?? null,
      expires_at,
    };
    await transact({ context, principal }, async ({ tx, org_id, now }) => {
      if (agent_id !== null && !(await findAgent.one({ org_id, id: agent_id }, tx))) throw unknownAgent();
      await createApiKey.run({ ...row, org_id, key_sha256: sha256(key), created_by_user_id, now }, tx);
    });
    return { ...row, key };
  },
});

const revoke = operation({
  name: 'delete_api_key',
  summary: 'Revoke an API key permanently: your own or, as an admin, anyone’s.',
  http: { method: 'DELETE', path: '/api_keys/{id}' },
  cli: { command: 'keys revoke', args: ['id'] },
  input: z.object({ id }),
  output: z.void(),
  errors: 'not_found session_required',
  run: async ({ context: { db, clock }, principal, input: { id } }) => {
    const whose = { org_id: principal.org_id, user_id: ownOnly(principal, ['admin']) };
    existing(await revokeApiKey.one({ ...whose, id, now: clock.now() }, db), 'API key');
  },
});

export const apiKeyOperations = [list, create, revoke] as const;

const unknownAgent = () =>
  new AppError('unknown_reference', 'Agent not found.', {
    errors: [{ path: 'agent_id', message: 'is not an agent of this organization' }],
    hint: 'touchline agents lists them.',
  });

function ownOnly(principal: Principal, seeing_all: readonly UserRole[]): string | null {
  const user_id = requirePerson(principal);
  const sees_all = principal.kind === 'human' && principal.roles.some((role) => seeing_all.includes(role));
  return sees_all ? null : user_id;
}

/** Keys, like sessions and links, last for real time, not the product's clock. */
function endOf(clock: Clock, given: string | undefined, is_own: boolean): Date | null {
  const after = (days: number) => new Date(clock.now_ms() + days * DAY_MS * clock.speed);
  if (given === undefined) return is_own ? after(OWN_DAYS) : null;
  const end = new Date(given);
  if (end <= clock.now()) throw inputInvalid({ path: 'expires_at', message: 'is in the past' });
  const message = `is more than ${OWN_DAYS_MAX} days ahead`;
  if (is_own && end > after(OWN_DAYS_MAX)) throw inputInvalid({ path: 'expires_at', message });
  return end;
}

import { z } from 'zod';
import type { Queryable } from '../db/pool.ts';
import { userIdsByEmail } from '../db/queries/users.gen.ts';
import type { FieldError } from '../errors.ts';
import { id, inputInvalid } from './fields.ts';
import { partsOf } from './former_names.ts';

const NO_USER = 'must be the id or email address of a user: touchline people lists the ids';

/** How a caller names a user. The operation reads an id: see `withUserIds`. */
export const userKey = z
  .string()
  .trim()
  .max(254)
  .refine((text) => isId(text) || text.includes('@'), NO_USER)
  .describe('id or email address of a user');

/**
 * The input with a user's id in place of each email address. Throws `input_invalid` with the path of each address that no
 * user has.
 */
export async function withUserIds(
  db: Queryable,
  org_id: string,
  schema: z.ZodType,
  input: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const named = new Map<string, string>();
  mapUsers(schema, input, '', (email, path) => {
    named.set(path, email.toLowerCase());
    return email;
  });
  if (named.size === 0) return input;
  const rows = await userIdsByEmail.run({ org_id, emails: [...new Set(named.values())] }, db);
  const ids = new Map(rows.map((row) => [row.email, row.id]));
  const errors = [...named].flatMap(([path, email]): FieldError[] =>
    ids.has(email) ? [] : [{ path, message: NO_USER }],
  );
  if (errors.length > 0) throw inputInvalid(...errors);
  return mapUsers(schema, input, '', (email) => ids.get(email.toLowerCase())!) as Record<string, unknown>;
}

function mapUsers(
  schema: z.ZodType,
  value: unknown,
  path: string,
  change: (email: string, path: string) => string,
): unknown {
  if (schema === userKey) return typeof value !== 'string' || isId(value) ? value : change(value, path);
  const { shape, element, inner } = partsOf(schema);
  if (inner !== undefined) return mapUsers(inner, value, path, change);
  if (Array.isArray(value) && element !== undefined) {
    return value.map((part, at) => mapUsers(element, part, `${path}[${at}]`, change));
  }
  if (shape === undefined || typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, part]) => {
    const field = Object.hasOwn(shape, name) ? shape[name] : undefined;
    const place = path === '' ? name : `${path}.${name}`;
    return [name, field === undefined ? part : mapUsers(field, part, place, change)];
  });
  return Object.fromEntries(entries);
}

const isId = (text: string) => id.safeParse(text).success;

import { z } from 'zod';
import {
  createUser,
  getUser,
  listPeople,
  listUsers,
  lockOrganization,
  patchUser,
} from '../../db/queries/users.gen.ts';
import { AppError } from '../../errors.ts';
import { newId } from '../../ids.ts';
import { USER_ROLE_VALUES, type UserRole } from '../../schema.gen.ts';
import { existing, id, instant, noun, nullableInstant, requirePerson } from '../fields.ts';
import { operation, transact } from '../operation.ts';
import { BY_ID, pagedList } from '../page.ts';
import { userKey } from '../user_keys.ts';
import { insertLink, signInUrl } from './sessions.ts';

const user = noun('User', {
  id,
  email: z.string(),
  name: z.string(),
  roles: z.array(z.enum(USER_ROLE_VALUES)),
  is_active: z.boolean(),
  has_password: z.boolean(),
  deactivated_at: nullableInstant,
  manager_user_id: id.nullable(),
  manager_name: z.string().nullable(),
  created_by_user_id: id.nullable().describe('null: created at setup'),
  created_at: instant,
});

const name = z.string().trim().min(1).max(200);
const roles = z
  .array(z.enum(USER_ROLE_VALUES))
  .min(1)
  .max(USER_ROLE_VALUES.length)
  .transform((given) => [...new Set(given)]);

const manager_user_id = userKey.nullable().optional().describe('the user’s manager; null: none');

const list = pagedList({
  name: 'list_users',
  summary: 'List the users of the organization, including deactivated ones.',
  path: '/users',
  cli: { command: 'users', columns: 'email name roles manager_name is_active has_password id' },
  item: user,
  order: BY_ID,
  rows: async ({ page, db }) => (await listUsers.run(page, db)).map(shown),
});

const listActive = pagedList({
  name: 'list_people',
  summary: 'List the active users by name and roles, for example to choose an owner.',
  path: '/people',
  cli: { command: 'people', columns: 'name roles id' },
  item: noun('Person', { id, name: z.string(), roles: z.array(z.enum(USER_ROLE_VALUES)) }),
  order: BY_ID,
  rows: async ({ page, db }) =>
    (await listPeople.run(page, db)).map((row) => ({ ...row, roles: row.roles as UserRole[] })),
});

const create = operation({
  name: 'create_user',
  summary: 'Add a user, and create the link for their first sign-in. Give it to that user only.',
  http: { method: 'POST', path: '/users' },
  cli: { command: 'users create', args: ['email'] },
  answers_secret: true,
  input: z.object({ email: z.email().max(254), name, roles, manager_user_id }),
  output: z.object({ user, url: z.string().describe('signs the user in, once, within a day') }),
  errors: 'user_exists manager_cycle person_inactive unknown_reference session_required',
  text: ({ user: { email }, url }) =>
    `Added ${email}. This link signs the user in once, within a day:\n${url}`,
  run: async ({ context, principal, input }) => {
    const created_by_user_id = requirePerson(principal);
    const email = input.email.toLowerCase();
    return transact({ context, principal }, async ({ tx, org_id, clock, now }) => {
      const { manager_user_id = null } = input;
      const row = { ...input, manager_user_id, org_id, id: newId(clock), email, created_by_user_id, now };
      const [made] = await createUser.run(row, tx);
      if (made === undefined) {
        throw new AppError('user_exists', 'A user with this address exists.', {
          errors: [{ path: 'email', message: 'is taken' }],
          hint: 'List users with touchline users. Reactivate a deactivated user with is_active.',
        });
      }
      const token = await insertLink(tx, clock, { org_id, user_id: made.id });
      const [after] = await getUser.run({ org_id, id: made.id }, tx);
      return { user: shown(after!), url: signInUrl(context.public_url, token) };
    });
  },
});

const patch = operation({
  name: 'patch_user',
  summary:
    'Change a user’s name, roles, or manager, or deactivate the user. A change of roles ends the user’s sessions at once.',
  http: { method: 'PATCH', path: '/users/{id}' },
  cli: { command: 'users set', args: ['id'] },
  input: z.object({
    id: userKey,
    name: name.optional(),
    roles: roles.optional(),
    manager_user_id,
    is_active: z.boolean().optional().describe('false: deactivated'),
  }),
  output: user,
  errors: 'not_found last_admin manager_cycle person_inactive unknown_reference session_required',
  run: (call) =>
    transact(call, async ({ tx, org_id, now }) => {
      // Before any user is locked: the database takes this lock, too, when an admin is deactivated.
      await lockOrganization.run({ org_id }, tx);
      const { id, name = null, roles = null, is_active = null, manager_user_id } = call.input;
      const manager = {
        sets_manager: manager_user_id !== undefined,
        manager_user_id: manager_user_id ?? null,
      };
      existing(await patchUser.one({ org_id, id, name, roles, is_active, now, ...manager }, tx), 'person');
      const [after] = await getUser.run({ org_id, id }, tx);
      return shown(after!);
    }),
});

export const userOperations = [list, listActive, create, patch] as const;

function shown<Row extends { roles: string[]; deactivated_at: Date | null }>(row: Row) {
  return { ...row, roles: row.roles as UserRole[], is_active: row.deactivated_at === null };
}

import { z } from 'zod';
import { revokeOtherSessions, voidSignInLinks } from '../../db/queries/sessions.gen.ts';
import { getOwnPassword, setPasswordHash } from '../../db/queries/users.gen.ts';
import { AppError } from '../../errors.ts';
import { USER_ROLE_VALUES } from '../../schema.gen.ts';
import { id, inputInvalid, noun } from '../fields.ts';
import { type Call, operation, transact } from '../operation.ts';
import { defaultScope, shownScope } from '../ownership.ts';
import {
  hashPassword,
  PASSWORD_LENGTH_MAX,
  PASSWORD_LENGTH_MIN,
  refuseWeakPassword,
  verifyPassword,
} from './passwords.ts';
import { countAttempt } from './sign_in_throttle.ts';

const me = operation({
  name: 'get_me',
  summary: 'Show who you are and what you may do.',
  http: { method: 'GET', path: '/me' },
  cli: { command: 'whoami', also: 'me' },
  output: noun('Me', {
    kind: z.enum(['human', 'agent']),
    org_id: id,
    name: z.string(),
    user_id: id.nullable(),
    email: z.string().nullable(),
    roles: z.array(z.enum(USER_ROLE_VALUES)),
    agent_id: z.string().nullable(),
    default_scope: shownScope.describe(
      'of lists on the pages: mine for reps, team for sales leaders, else all; all if no lead is in it',
    ),
    scopes: z.array(z.string()).nullable().describe('of the key; null: all of its principal’s permissions'),
    now: z.string().describe('time of the product’s clock'),
    speed: z.number().describe('simulated seconds per second; 1 is real time'),
  }),
  run: async ({ context, principal }) => {
    const { org_id, name, kind } = principal;
    const clock = { now: context.clock.now().toISOString(), speed: context.clock.speed };
    const scopes = principal.key?.scopes ? [...principal.key.scopes] : null;
    const all = { kind, org_id, name, scopes, ...clock };
    if (principal.kind === 'agent') {
      return {
        ...all,
        user_id: null,
        email: null,
        roles: [],
        agent_id: principal.agent_id,
        default_scope: 'all' as const,
      };
    }
    const { user_id, email, roles } = principal;
    const default_scope = await defaultScope(context.db, principal);
    return { ...all, user_id, email, roles: [...roles], agent_id: null, default_scope };
  },
});

const setPassword = operation({
  name: 'set_password',
  summary: 'Set your password. This ends your other sessions and all your sign-in links.',
  http: { method: 'PUT', path: '/me/password' },
  input: z.object({
    current_password: z
      .string()
      .min(1)
      .max(PASSWORD_LENGTH_MAX)
      .optional()
      .describe('required if a password is set'),
    new_password: z.string().min(PASSWORD_LENGTH_MIN).max(PASSWORD_LENGTH_MAX),
  }),
  output: z.object({ ended_sessions: z.number().int() }),
  errors: 'password_weak password_wrong password_changed rate_limited session_required',
  run: async (call) => {
    const { principal, input } = call;
    if (principal.kind !== 'human') throw new AppError('not_human', 'Agents have no password.');
    const { org_id, user_id, email, session_id } = principal;
    refuseWeakPassword(input.new_password, email);
    const old_hash = await checkedHash(call, { org_id, id: user_id, email });
    const new_hash = await hashPassword(input.new_password);
    return transact(call, async ({ tx, now }) => {
      const [changed] = await setPasswordHash.run({ org_id, id: user_id, new_hash, old_hash }, tx);
      if (changed === undefined)
        throw new AppError('password_changed', 'Not saved: someone else changed the password.');
      const kept_id = session_id ?? null;
      const ended = await revokeOtherSessions.run({ org_id, user_id, kept_id, now }, tx);
      await voidSignInLinks.run({ org_id, user_id, now }, tx);
      return { ended_sessions: ended.length };
    });
  },
});

export const meOperations = [me, setPassword] as const;

/** The stored hash, once the current password was given. A wrong one counts as a failed sign-in. */
async function checkedHash(
  { context, input, client }: Call<{ current_password?: string | undefined }>,
  { org_id, id: user_id, email }: { org_id: string; id: string; email: string },
): Promise<string | null> {
  const [row] = await getOwnPassword.run({ org_id, id: user_id }, context.db);
  const stored = row?.password_hash ?? null;
  if (stored === null) return null;
  if (input.current_password === undefined) {
    throw inputInvalid({ path: 'current_password', message: 'is required' });
  }
  const attempt = await countAttempt(context, { email, address: client?.address ?? null });
  if (!(await verifyPassword(stored, input.current_password))) {
    throw new AppError('password_wrong', 'The current password is wrong.', {
      errors: [{ path: 'current_password', message: 'is wrong' }],
    });
  }
  await attempt.succeeded();
  return stored;
}

import type { AccessTokens } from '../../connectors/connector.ts';
import type { Context } from '../../context.ts';
import { systemDb } from '../../db/acting.ts';
import { getUser } from '../../db/queries/users.gen.ts';
import type { Principal } from '../../principal.ts';
import type { UserRole } from '../../schema.gen.ts';
import { SCOPES } from '../scopes.ts';
import { personVouchedFor } from './sign_in.ts';

/**
 * The user whom single sign-on would sign in for an access token. The token counts as a key, so operations that need a
 * session refuse it; scopes of ours in it narrow it. Null for anything else; throws `sso_unavailable`.
 */
export function accessTokenLookup({ db }: Pick<Context, 'db'>, tokens: AccessTokens, audience: () => string) {
  return async (token: string): Promise<Principal | null> => {
    const bearer = await tokens.verify(token, audience());
    if (bearer === null) return null;
    const person = await personVouchedFor({ db }, bearer.email);
    if (person === null) return null;
    const { org_id, user_id } = person;
    const [user] = await getUser.run({ org_id, id: user_id }, systemDb(db, org_id));
    if (user === undefined || user.deactivated_at !== null) return null;
    const { email, name } = user;
    const roles = user.roles as UserRole[];
    const named = SCOPES.filter((scope) => bearer.scopes.includes(scope));
    const key = { id: bearer.id, scopes: named.length === 0 ? null : named, is_machine: false };
    return { kind: 'human', org_id, user_id, email, name, roles, key };
  };
}

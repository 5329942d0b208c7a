import type { AccessTokens, OpenIdFlow, OpenIdProvider } from '../../connectors/connector.ts';
import type { Context } from '../../context.ts';
import { openSecret, sealSecret } from '../../coordinator/sending/sealed_secret.ts';
import { systemDb } from '../../db/acting.ts';
import { getUser } from '../../db/queries/users.gen.ts';
import { AppError } from '../../errors.ts';
import type { Principal } from '../../principal.ts';
import type { UserRole } from '../../schema.gen.ts';
import type { Client } from '../operation.ts';
import { SCOPES } from '../scopes.ts';
import { personVouchedFor, signInByVerifiedAddress } from './sign_in.ts';
import { isFirstUse } from './sign_in_throttle.ts';

/** Enough to find a second factor at the provider. */
export const SSO_MINUTES = 10;

const SEALED_FOR = ['single sign-on'];

type Kept = OpenIdFlow & { until_ms: number };

/**
 * Single sign-on. The browser keeps the sealed state of its own sign-in, which opens once: a forged callback, a repeated
 * callback, and a stolen code match no state.
 */
export function singleSignOn(context: Context, provider: OpenIdProvider, redirectUri: () => string) {
  return {
    /** Where to send the browser, and the state it keeps. Throws `sso_unavailable`. */
    async begin(): Promise<{ url: string; sealed: string }> {
      const { url, flow } = await provider.begin(redirectUri());
      const until_ms = context.clock.now_ms() + SSO_MINUTES * 60_000 * context.clock.speed;
      const kept: Kept = { ...flow, until_ms };
      return {
        url,
        sealed: sealSecret(context.secret, JSON.stringify(kept), SEALED_FOR).toString('base64url'),
      };
    },
    /**
     * The session for this callback. Throws `sso_state_invalid`, `sso_refused`, `sso_email_unverified`,
     * `sso_unknown_person`, or `sso_unavailable`.
     */
    async finish(sealed: string | null, query: URLSearchParams, client: Client) {
      const flow = openFlow(context, sealed);
      if (flow === null || query.get('state') !== flow.state) throw stateInvalid();
      if (!(await isFirstUse(context, flow.state, 2 * SSO_MINUTES))) throw stateInvalid();
      const { email } = await provider.finish(new URL(`${redirectUri()}?${query}`), flow);
      const db = systemDb({ ...context.db, origin: originOf(context, client) });
      return signInByVerifiedAddress({ ...context, db }, email, client);
    },
  };
}

export type SingleSignOn = ReturnType<typeof singleSignOn>;

function openFlow({ secret, clock }: Context, sealed: string | null): Kept | null {
  const text = sealed === null ? null : openSecret(secret, Buffer.from(sealed, 'base64url'), SEALED_FOR);
  if (text === null) return null;
  const kept = JSON.parse(text) as Kept;
  return kept.until_ms > clock.now_ms() ? kept : null;
}

function originOf({ clock }: Context, { request_id }: Client) {
  const at = clock.now().toISOString();
  const asked_by = { kind: 'public', id: '' } as const;
  return { surface: 'web', operation: 'create_session', request_id: request_id ?? '', at, asked_by } as const;
}

const stateInvalid = () =>
  new AppError('sso_state_invalid', 'This sign-in did not start in this browser, or it has expired.', {
    hint: 'Start again on the sign-in page.',
  });

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

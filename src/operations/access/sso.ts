import type { OpenIdFlow, OpenIdProvider } from '../../connectors/connector.ts';
import type { Context } from '../../context.ts';
import { openSecret, sealSecret } from '../../coordinator/sending/sealed_secret.ts';
import { systemDb } from '../../db/acting.ts';
import { AppError } from '../../errors.ts';
import type { Client } from '../operation.ts';
import { signInByVerifiedAddress } from './sign_in.ts';
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

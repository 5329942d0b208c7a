import './sign_in.css';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { cache } from '../api/cache.ts';
import { api, read } from '../api/client.ts';
import { isRefusal } from '../api/refusal.ts';
import { Failure } from '../ui/failure.tsx';
import { go } from '../ui/route.ts';
import { useTitle } from '../ui/title.ts';
import { meetPerson } from './me.ts';
import { type Credentials, PasswordForm } from './password_form.tsx';
import { returnAddress } from './return_address.ts';

const SSO_START = '/api/v1/sessions/oidc/start';

/**
 * Signs in with the token behind the #, which browsers never send to a server; the token leaves the address
 * immediately, so that no history or screenshot holds it. Without a token, offers the password and, if configured,
 * single sign-on.
 */
export function SignInPage() {
  useTitle('Sign in');
  const signIn = useMutation({
    mutationFn: (body: { link_token: string } | Credentials) => read(api.POST('/sessions', { body })),
    onSuccess: async () => {
      cache.clear();
      // If this fails, the page reads the user itself.
      await meetPerson().catch(() => undefined);
      go(returnAddress(), { replace: true });
    },
  });
  const { mutate } = signIn;
  useEffect(() => {
    const signInByLink = () => {
      const token = location.hash.slice(1);
      if (token === '') return;
      history.replaceState(null, '', location.pathname + location.search);
      mutate({ link_token: token });
    };
    signInByLink();
    // Opening a link while this page is open changes only the hash and loads nothing.
    window.addEventListener('hashchange', signInByLink);
    return () => window.removeEventListener('hashchange', signInByLink);
  }, [mutate]);
  const is_by_link = signIn.variables !== undefined && 'link_token' in signIn.variables;
  return (
    <main className="sign_in">
      <p className="brand">Touchline</p>
      {signIn.isPending && is_by_link ? (
        <p role="status">Signing in…</p>
      ) : (
        <WaysIn
          error={signIn.error}
          is_busy={signIn.isPending}
          onPassword={(given) => signIn.mutate(given)}
        />
      )}
    </main>
  );
}

function WaysIn({
  error,
  is_busy,
  onPassword,
}: {
  error: Error | null;
  is_busy: boolean;
  onPassword: (credentials: Credentials) => void;
}) {
  const options = useQuery({
    queryKey: ['sign_in_options'],
    queryFn: () => read(api.GET('/sign_in_options')),
  });
  const is_used_up = isRefusal(error, 'link_invalid');
  return (
    <>
      <h1>{is_used_up ? 'This link has expired' : 'Sign in'}</h1>
      {is_used_up ? (
        <p role="alert">A sign-in link works once, within one day.</p>
      ) : (
        <Failure error={error} />
      )}
      {options.data?.sso ? (
        <p className="actions">
          <a href={SSO_START}>Sign in with SSO</a>
        </p>
      ) : null}
      <PasswordForm is_busy={is_busy} onSubmit={onPassword} />
      <AboutLinks />
    </>
  );
}

function AboutLinks() {
  return (
    <>
      <p>
        Or open the sign-in link that Touchline prints in the terminal each time it starts. It looks like
        this:
      </p>
      <p>
        <code>{location.origin}/sign-in#…</code>
      </p>
      <p className="muted">
        Ask an admin for a new link, or run <code>npx touchline link</code> in the folder where Touchline
        runs.
      </p>
    </>
  );
}

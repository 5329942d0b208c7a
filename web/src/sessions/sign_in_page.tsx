import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { cache } from '../api/cache.ts';
import { api, read } from '../api/client.ts';
import { isRefusal } from '../api/refusal.ts';
import { Failure } from '../ui/failure.tsx';
import { go } from '../ui/route.ts';
import { useTitle } from '../ui/title.ts';

/**
 * Signs in with the token behind the #, which browsers send to nobody. It leaves the address at once, so that it
 * is in no history and no screenshot.
 */
export function SignInPage() {
  useTitle('Sign in');
  const has_begun = useRef(false);
  const signIn = useMutation({
    mutationFn: (link_token: string) => read(api.POST('/sessions', { body: { link_token } })),
    onSuccess: () => {
      cache.clear();
      go('/', { replace: true });
    },
  });
  useEffect(() => {
    const token = location.hash.slice(1);
    if (token === '' || has_begun.current) return;
    has_begun.current = true;
    history.replaceState(null, '', location.pathname);
    signIn.mutate(token);
  }, [signIn]);
  return (
    <main className="sign_in">
      <p className="brand">Touchline</p>
      {signIn.isPending ? <p role="status">Signing in …</p> : <HowToSignIn error={signIn.error} />}
    </main>
  );
}

function HowToSignIn({ error }: { error: Error | null }) {
  const is_used_up = isRefusal(error, 'link_invalid');
  return (
    <>
      <h1>{is_used_up ? 'This link does not work any more' : 'Sign in'}</h1>
      {is_used_up ? (
        <p role="alert">It was used already, or it is older than a day. A link signs in one person, once.</p>
      ) : (
        <Failure error={error} />
      )}
      <p>
        Touchline prints a fresh link in the terminal each time it starts. Open that one here. It looks like
        this:
      </p>
      <p>
        <code>{location.origin}/sign-in#…</code>
      </p>
      <p className="muted">
        Need another one? Run <code>npx touchline link</code> in the folder where Touchline runs.
      </p>
    </>
  );
}

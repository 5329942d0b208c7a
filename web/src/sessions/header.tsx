import { useMutation } from '@tanstack/react-query';
import { useEffect } from 'react';
import { cache } from '../api/cache.ts';
import { api, onSignedOut, read } from '../api/client.ts';
import { announce } from '../ui/announce.tsx';
import { Link } from '../ui/link.tsx';
import { go } from '../ui/route.ts';
import { lengthWords, localTime } from '../ui/time.tsx';
import { type Me, useMe, useNow } from './me.ts';

const PLACES = [
  { to: '/', label: 'Drafts', isAt: (path: string) => path === '/' },
  { to: '/leads', label: 'Leads', isAt: (path: string) => path.startsWith('/leads') },
  { to: '/mail', label: 'Mail', isAt: (path: string) => path === '/mail' },
];

/** A clock that is off by less is nobody’s concern. */
const LEAST_ODD_MS = 3_600_000;

/** Where one may go, what time it is for the product, and who one is. Signed out, it leads to the sign-in page. */
export function Header({ path }: { path: string }) {
  const me = useMe();
  useEffect(
    () =>
      onSignedOut(() => {
        cache.clear();
        go('/sign-in', { replace: true });
      }),
    [],
  );
  return (
    <header className="header">
      <Link className="brand" to="/">
        Touchline
      </Link>
      <nav aria-label="Main">
        {PLACES.map(({ to, label, isAt }) => (
          <Link key={to} className="place" to={to} aria-current={isAt(path) ? 'page' : undefined}>
            {label}
          </Link>
        ))}
      </nav>
      {me === undefined ? null : <Self me={me} />}
    </header>
  );
}

function Self({ me }: { me: Me }) {
  const signOut = useMutation({
    mutationFn: () => read(api.DELETE('/sessions/{id}', { params: { path: { id: 'current' } } })),
    onSuccess: () => {
      cache.clear();
      go('/sign-in');
    },
    onError: (error) => announce(error.message),
  });
  return (
    <div className="self">
      <Clock speed={me.speed} />
      <span className="who" title={me.email ?? undefined}>
        {me.name}
      </span>
      <button type="button" className="quiet" onClick={() => signOut.mutate()} disabled={signOut.isPending}>
        Sign out
      </button>
    </div>
  );
}

/** The product’s clock, where it is not simply the one on the wall. */
function Clock({ speed }: { speed: number }) {
  const now_ms = useNow(1_000);
  if (now_ms === undefined) return null;
  const ahead_ms = now_ms - Date.now();
  if (speed === 1 && Math.abs(ahead_ms) <= LEAST_ODD_MS) return null;
  const iso = new Date(now_ms).toISOString();
  const distance = `${lengthWords(Math.abs(ahead_ms))} ${ahead_ms > 0 ? 'ahead' : 'behind'}`;
  return (
    <span
      className={speed === 1 ? 'clock clock_off' : 'clock'}
      title={speed === 1 ? undefined : `The clock of this Touchline runs ${speed} times as fast as yours.`}
    >
      <time dateTime={iso}>{localTime(iso)}</time>{' '}
      <span className="badge">{speed === 1 ? <>The clock here is {distance}</> : `${speed}×`}</span>
    </span>
  );
}

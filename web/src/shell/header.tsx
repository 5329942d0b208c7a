import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { cache } from '../api/cache.ts';
import { api, read } from '../api/client.ts';
import { type Me, useMe, useNow } from '../sessions/me.ts';
import { forgetPerson } from '../sessions/person.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { ConfirmDialog } from '../ui/confirm_dialog.tsx';
import { HOUR_MS } from '../ui/durations.ts';
import { Link } from '../ui/link.tsx';
import { go } from '../ui/route.ts';
import { lengthWords, localTime } from '../ui/time.tsx';
import { ToldPlace } from '../ui/told.tsx';
import { hasUnsaved } from '../ui/unsaved_guard.ts';

/** Smaller clock differences are not shown. */
const LEAST_ODD_MS = HOUR_MS;

type HeaderProps = { onMenu(): void; onPalette(): void };

/** The brand, the latest result, the palette, the product's clock, and the signed-in user. */
export function Header({ onMenu, onPalette }: HeaderProps) {
  const me = useMe();
  return (
    <header className="header">
      <button type="button" className="quiet menu_button" onClick={onMenu}>
        Menu
      </button>
      <Link className="brand" to="/">
        Touchline
      </Link>
      <ToldPlace />
      <button type="button" className="palette_button" onClick={onPalette} aria-keyshortcuts="Control+K">
        Search or go to <span className="key">Ctrl K</span>
      </button>
      {me === undefined ? null : <Self me={me} />}
    </header>
  );
}

function Self({ me }: { me: Me }) {
  const { signOut, is_pending } = useSignOut();
  const [is_asking, setAsking] = useState(false);
  return (
    <div className="self">
      <Clock speed={me.speed} />
      <span className="who" title={me.email ?? undefined}>
        {me.name}
      </span>
      <ActionButton
        type="button"
        className="quiet"
        onClick={() => (hasUnsaved() ? setAsking(true) : signOut())}
        is_busy={is_pending}
      >
        Sign out
      </ActionButton>
      {is_asking ? (
        <ConfirmDialog
          title="Sign out and discard unsaved changes?"
          action="Sign out"
          otherwise="Stay signed in"
          onConfirm={signOut}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </div>
  );
}

function useSignOut() {
  const signing_out = useMutation({
    mutationFn: () => read(api.DELETE('/sessions/{id}', { params: { path: { id: 'current' } } })),
    onSuccess: () => {
      forgetPerson();
      cache.clear();
      go('/sign-in');
    },
    onError: (error) => announce(error.message),
  });
  return { signOut: () => signing_out.mutate(), is_pending: signing_out.isPending };
}

/** Shows the product's clock if it differs from real time. */
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
      title={speed === 1 ? undefined : `Simulated time, ${speed} times as fast as real time.`}
    >
      <time dateTime={iso}>{localTime(iso)}</time>{' '}
      <span className="badge">{speed === 1 ? <>Server clock {distance}</> : `${speed}×`}</span>
    </span>
  );
}

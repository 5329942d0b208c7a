import { useMutation } from '@tanstack/react-query';
import { api, read } from '../api/client.ts';
import { usePages } from '../api/pages.ts';
import { useNow } from '../sessions/me.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { Failure } from '../ui/failure.tsx';
import { More } from '../ui/more.tsx';
import { Time } from '../ui/time.tsx';
import { REFRESH_MS, type Session, settingsChanged } from './use_settings.ts';

/** Sessions of a user; without an id, of the signed-in user. */
export function SessionsList({ user_id }: { user_id?: string }) {
  const pages = usePages(
    ['settings', 'sessions', user_id ?? 'own'],
    (cursor) => {
      const query = {
        ...(user_id === undefined ? {} : { user_id }),
        ...(cursor === undefined ? {} : { cursor }),
      };
      return read(api.GET('/sessions', { params: { query } }));
    },
    REFRESH_MS,
  );
  const ending = useMutation({
    mutationFn: (id: string) => read(api.DELETE('/sessions/{id}', { params: { path: { id } } })),
    onSuccess: () => {
      announce('Session ended.');
      settingsChanged('sessions');
    },
    onError: (error) => announce(error.message),
  });
  return (
    <section>
      <Failure error={pages.error} />
      {!pages.is_loading && pages.items.length === 0 ? <p className="muted">Nowhere.</p> : null}
      <ul className="record_list">
        {pages.items.map((session) => (
          <li key={session.id}>
            <SessionLine session={session} />
            {session.is_open && !session.is_current ? (
              <ActionButton
                type="button"
                is_busy={ending.isPending}
                onClick={() => ending.mutate(session.id)}
              >
                End session
              </ActionButton>
            ) : null}
          </li>
        ))}
      </ul>
      <More pages={pages} />
    </section>
  );
}

function SessionLine({ session }: { session: Session }) {
  const { user_agent, created_at, last_seen_at, is_current, is_open, link_made_by_other, link_made_by } =
    session;
  const now_ms = useNow();
  return (
    <div>
      <p>
        <strong>{browserWords(user_agent)}</strong>{' '}
        {is_current ? <span className="badge">This browser</span> : null}{' '}
        {is_open ? null : <span className="badge">Ended</span>}{' '}
        {link_made_by_other ? (
          <span className="badge badge_strong">Link created by {link_made_by ?? 'the machine'}</span>
        ) : null}
      </p>
      <p className="muted">
        Since <Time iso={created_at} />
        {last_seen_at === null ? null : (
          <>
            , last used <Time iso={last_seen_at} now_ms={now_ms} />
          </>
        )}
      </p>
    </div>
  );
}

/** Names the browser and the system in a user agent, or returns its beginning if both are unknown. */
function browserWords(user_agent: string | null): string {
  if (user_agent === null) return 'Unknown device';
  const browser = /(Edg|OPR|Firefox|Chrome|Safari)\//.exec(user_agent)?.[1];
  const system = /(Windows|Android|iPhone|iPad|Mac OS X|Linux)/.exec(user_agent)?.[1];
  if (browser === undefined) return user_agent.slice(0, 40);
  const name = { Edg: 'Edge', OPR: 'Opera' }[browser] ?? browser;
  return system === undefined ? name : `${name} on ${system === 'Mac OS X' ? 'macOS' : system}`;
}

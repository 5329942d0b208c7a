import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, read } from '../api/client.ts';
import { usePages } from '../api/pages.ts';
import { useNow } from '../sessions/me.ts';
import { announce } from '../ui/announce.tsx';
import { ConfirmDialog } from '../ui/confirm_dialog.tsx';
import { Empty } from '../ui/empty.tsx';
import { Failure } from '../ui/failure.tsx';
import { More } from '../ui/more.tsx';
import { Time } from '../ui/time.tsx';
import { type ApiKey, REFRESH_MS, settingsChanged } from './use_settings.ts';

type KeysListProps = {
  /** Selects the keys to show. */
  isShown(key: ApiKey): boolean;
  empty: string;
};

/** API keys with their permissions, expiry, and last use. The server does not store the keys themselves. */
export function KeysList({ isShown, empty }: KeysListProps) {
  const [ending, setEnding] = useState<ApiKey | null>(null);
  const pages = usePages(
    ['settings', 'keys'],
    (cursor) =>
      read(
        api.GET('/api_keys', {
          params: { query: { limit: 200, ...(cursor === undefined ? {} : { cursor }) } },
        }),
      ),
    REFRESH_MS,
  );
  const revoking = useMutation({
    mutationFn: (id: string) => read(api.DELETE('/api_keys/{id}', { params: { path: { id } } })),
    onSuccess: () => {
      announce('Key revoked.');
      setEnding(null);
      settingsChanged('keys');
    },
    onError: (error) => announce(error.message),
  });
  const shown = pages.items.filter(isShown);
  return (
    <>
      <Failure error={pages.error} />
      {!pages.is_loading && shown.length === 0 && !pages.has_more ? (
        <Empty title="No keys">
          <p>{empty}</p>
        </Empty>
      ) : null}
      <ul className="record_list record_list_wide">
        {shown.map((key) => (
          <li key={key.id}>
            <KeyLine apiKey={key} />
            {key.revoked_at === null ? (
              <button type="button" className="danger" onClick={() => setEnding(key)}>
                Revoke…
              </button>
            ) : null}
          </li>
        ))}
      </ul>
      <More pages={pages} />
      {ending === null ? null : (
        <ConfirmDialog
          title={`Revoke “${ending.name}”? Anything using it loses access immediately.`}
          action="Revoke"
          otherwise="Keep key"
          onConfirm={() => revoking.mutate(ending.id)}
          onClose={() => setEnding(null)}
        />
      )}
    </>
  );
}

function KeyLine({
  apiKey: { name, prefix, agent_id, scopes, expires_at, revoked_at, last_used_at },
}: {
  apiKey: ApiKey;
}) {
  const now_ms = useNow();
  const is_over = expires_at !== null && Date.parse(expires_at) <= (now_ms ?? Date.now());
  return (
    <div>
      <p>
        <strong>{name}</strong> <code>{prefix}…</code>{' '}
        {revoked_at === null ? null : <span className="badge badge_bad">Revoked</span>}
        {revoked_at === null && is_over ? <span className="badge badge_bad">Expired</span> : null}
        {agent_id === null ? null : <span className="badge">{agent_id}</span>}
      </p>
      <p className="muted">
        {scopes === null ? 'All permissions of its owner' : `Permissions: ${scopes.join(', ')}`}
        {' · '}
        {last_used_at === null ? (
          'never used'
        ) : (
          <>
            last used <Time iso={last_used_at} now_ms={now_ms} />
          </>
        )}
        {expires_at === null ? (
          ' · no expiry'
        ) : (
          <>
            {' · '}expires <Time iso={expires_at} />
          </>
        )}
      </p>
    </div>
  );
}

import { api, read } from '../api/client.ts';
import { usePages } from '../api/pages.ts';
import { useNow } from '../sessions/me.ts';
import { Failure } from '../ui/failure.tsx';
import { More } from '../ui/more.tsx';
import { Time } from '../ui/time.tsx';
import { REFRESH_MS, useUsers } from './use_settings.ts';

/** Changes of the organization from the audit, with users, times, and previous values. */
export function OrganizationHistory() {
  const now_ms = useNow();
  const users = useUsers();
  const names = new Map(users.data?.items.map((user) => [user.id, user.name]));
  const pages = usePages(
    ['settings', 'organization', 'history'],
    (cursor) => {
      const query = { subject: 'organizations', ...(cursor === undefined ? {} : { cursor }) };
      return read(api.GET('/audit', { params: { query } }));
    },
    REFRESH_MS,
  );
  return (
    <details>
      <summary>History</summary>
      <Failure error={pages.error} />
      <ol className="record_list record_list_wide">
        {pages.items.map(({ id, at, actor_id, action, changes }) => (
          <li key={id}>
            <p>
              <strong>{(actor_id === null ? undefined : names.get(actor_id)) ?? 'Setup'}</strong>{' '}
              {action === 'insert' ? 'created the organization' : `changed ${changedText(changes)}`}{' '}
              <Time iso={at} now_ms={now_ms} />
            </p>
          </li>
        ))}
      </ol>
      <More pages={pages} />
    </details>
  );
}

type Changes = Readonly<Record<string, unknown>>;

/** Columns that are computed from others. */
const FOLLOWING = ['own_since', 'own_by_user_id'];

/** Formats changes as `name from “RedKey” to “Example Inc.”`, joined by commas. */
function changedText(changes: Changes): string {
  const fields = Object.entries(changes).filter(([column]) => !FOLLOWING.includes(column));
  return fields
    .map(([column, change]) => {
      const { old, new: now } = change as { old?: unknown; new?: unknown };
      return `${column.replaceAll('_', ' ')} from ${quoted(old)} to ${quoted(now)}`;
    })
    .join(', ');
}

function quoted(value: unknown): string {
  return value === null || value === undefined ? 'nothing' : `“${String(value)}”`;
}

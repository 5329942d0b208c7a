import { useState } from 'react';
import { api, read } from '../api/client.ts';
import { usePages } from '../api/pages.ts';
import { useMe } from '../sessions/me.ts';
import { Failure } from '../ui/failure.tsx';
import { More } from '../ui/more.tsx';
import { NewPerson } from './new_person.tsx';
import { PersonDialog } from './person_dialog.tsx';
import { roleWords } from './roles_field.tsx';
import { SettingsPage } from './settings_page.tsx';
import { isAdmin } from './tabs.ts';
import { REFRESH_MS, type User } from './use_settings.ts';

/** Users and their roles. */
export function PeoplePage() {
  const [shown, setShown] = useState<User | 'new' | null>(null);
  const me = useMe();
  const pages = usePages(
    ['settings', 'users', 'list'],
    (cursor) => read(api.GET('/users', { params: { query: cursor === undefined ? {} : { cursor } } })),
    REFRESH_MS,
  );
  const may_change = isAdmin(me);
  return (
    <SettingsPage
      tab="people"
      actions={
        may_change ? (
          <button type="button" className="primary" onClick={() => setShown('new')}>
            Add person
          </button>
        ) : undefined
      }
    >
      <Failure error={pages.error} />
      {pages.is_loading ? <p className="muted">Loading…</p> : null}
      <ul className="rows rows_wide">
        {pages.items.map((user) => (
          <li key={user.id}>
            <button type="button" className="row" onClick={() => setShown(user)}>
              <span>
                <strong>{user.name}</strong>
                {user.id === me?.user_id ? <span className="muted"> (you)</span> : null}
                <span className="row_text muted">{user.email}</span>
              </span>
              <span className="row_text">
                {roleWords(user.roles)}
                {user.manager_name === null ? null : (
                  <span className="row_text muted">Reports to {user.manager_name}</span>
                )}
              </span>
              <span className="row_end">
                {user.is_active ? null : <span className="badge badge_bad">Deactivated</span>}
                {user.has_password ? null : <span className="badge">No password</span>}
              </span>
            </button>
          </li>
        ))}
      </ul>
      <More pages={pages} />
      {shown === 'new' ? <NewPerson onClose={() => setShown(null)} /> : null}
      {shown === null || shown === 'new' ? null : (
        <PersonDialog
          user={pages.items.find(({ id }) => id === shown.id) ?? shown}
          may_change={may_change}
          onClose={() => setShown(null)}
        />
      )}
    </SettingsPage>
  );
}

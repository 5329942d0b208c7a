import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, read } from '../api/client.ts';
import { faultsOf } from '../api/faults.ts';
import { useMe } from '../sessions/me.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { countWords } from '../ui/count.ts';
import { Failure } from '../ui/failure.tsx';
import { Field } from '../ui/field.tsx';
import { KeysList } from './keys_list.tsx';
import { NewKey } from './new_key.tsx';
import { NotificationPreferences } from './notification_preferences.tsx';
import { roleWords } from './roles_field.tsx';
import { SessionsList } from './sessions_list.tsx';
import { SettingsPage } from './settings_page.tsx';
import { settingsChanged } from './use_settings.ts';

/** The user's own notifications, password, sessions, and API keys. */
export function AccountPage() {
  const [is_making, setMaking] = useState(false);
  const me = useMe();
  return (
    <SettingsPage tab="account">
      {me === undefined ? null : (
        <p>
          {me.name}, {me.email}
          <br />
          <span className="muted">{roleWords(me.roles)}</span>
        </p>
      )}
      <NotificationPreferences />
      <section className="policy_section">
        <h2>Password</h2>
        <Password />
      </section>
      <section className="policy_section">
        <h2>Active sessions</h2>
        <SessionsList />
      </section>
      <section className="policy_section">
        <div className="page_head">
          <h2>Your API keys</h2>
          <button type="button" onClick={() => setMaking(true)}>
            Create key
          </button>
        </div>
        <KeysList
          isShown={({ user_id }) => user_id === me?.user_id}
          empty="With an API key, a program or the command line acts as you, with your permissions at most."
        />
      </section>
      {is_making ? <NewKey for_agents={false} onClose={() => setMaking(false)} /> : null}
    </SettingsPage>
  );
}

function Password() {
  const [current, setCurrent] = useState('');
  const [wanted, setWanted] = useState('');
  const setting = useMutation({
    mutationFn: () => {
      const body = { new_password: wanted, ...(current === '' ? {} : { current_password: current }) };
      return read(api.PUT('/me/password', { body }));
    },
    onSuccess: ({ ended_sessions }) => {
      announce(
        `Password set.${ended_sessions === 0 ? '' : ` ${countWords(ended_sessions, 'other session')} signed out.`}`,
      );
      setCurrent('');
      setWanted('');
      settingsChanged('sessions');
    },
  });
  const faults = faultsOf(setting.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!setting.isPending) setting.mutate();
  };
  return (
    <form className="settings_form" onSubmit={submit}>
      <Field
        label="Current password"
        hint="Leave blank if you have no password yet."
        fault={faults.get('current_password')}
      >
        <input
          type="password"
          autoComplete="current-password"
          maxLength={200}
          value={current}
          onChange={(event) => setCurrent(event.target.value)}
        />
      </Field>
      <Field label="New password" hint="At least 12 characters." fault={faults.get('new_password')}>
        <input
          type="password"
          autoComplete="new-password"
          required
          maxLength={200}
          value={wanted}
          onChange={(event) => setWanted(event.target.value)}
        />
      </Field>
      <Failure error={faults.size === 0 ? setting.error : null} />
      <div className="actions">
        <ActionButton type="submit" disabled={wanted === ''} is_busy={setting.isPending}>
          Set password
        </ActionButton>
      </div>
      <p className="field_hint">This signs you out everywhere else and voids all your sign-in links.</p>
    </form>
  );
}

import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, read } from '../api/client.ts';
import { faultsOf } from '../api/faults.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { Field } from '../ui/field.tsx';
import { ManagerField } from './manager_field.tsx';
import { RolesField } from './roles_field.tsx';
import { SessionsList } from './sessions_list.tsx';
import { ShownOnce } from './shown_once.tsx';
import { settingsChanged, type User } from './use_settings.ts';

type PersonDialogProps = { user: User; may_change: boolean; onClose(): void };

/** One user: name, roles, manager, sign-in link, sessions, and deactivation. */
export function PersonDialog({ user, may_change, onClose }: PersonDialogProps) {
  const [name, setName] = useState(user.name);
  const [roles, setRoles] = useState(user.roles);
  const [manager_user_id, setManager] = useState(user.manager_user_id);
  const params = { path: { id: user.id } };
  const changing = useMutation({
    mutationFn: (body: Partial<Pick<User, 'name' | 'roles' | 'manager_user_id' | 'is_active'>>) =>
      read(api.PATCH('/users/{id}', { params, body })),
    onSuccess: (_, { is_active }) => {
      announce(is_active === undefined ? 'Saved.' : is_active ? 'Reactivated.' : 'Deactivated.');
      settingsChanged('users');
      if (is_active === undefined) onClose();
    },
  });
  const linking = useMutation({
    mutationFn: () => read(api.POST('/sign_in_links', { body: { email: user.email } })),
  });
  const faults = faultsOf(changing.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!changing.isPending) changing.mutate({ name: name.trim(), roles, manager_user_id });
  };
  return (
    <Dialog title={user.name} onClose={onClose}>
      <p className="muted">
        {user.email}
        {user.is_active ? '' : ', deactivated'}
        {may_change || user.manager_name === null ? '' : `, reports to ${user.manager_name}`}
      </p>
      {may_change ? (
        <form onSubmit={submit}>
          <Field label="Name" fault={faults.get('name')}>
            <input required maxLength={200} value={name} onChange={(event) => setName(event.target.value)} />
          </Field>
          <RolesField roles={roles} fault={faults.get('roles')} onChange={setRoles} />
          <ManagerField
            manager_user_id={manager_user_id}
            of_user_id={user.id}
            fault={faults.get('manager_user_id')}
            onChange={setManager}
          />
          <Failure error={faults.size === 0 ? changing.error : null} />
          <div className="actions">
            <ActionButton
              type="submit"
              className="primary"
              disabled={roles.length === 0}
              is_busy={changing.isPending}
            >
              Save
            </ActionButton>
            <ActionButton
              type="button"
              disabled={!user.is_active}
              is_busy={linking.isPending}
              onClick={() => linking.mutate()}
            >
              Create sign-in link
            </ActionButton>
            <ActionButton
              type="button"
              className={user.is_active ? 'danger' : undefined}
              is_busy={changing.isPending}
              onClick={() => changing.mutate({ is_active: !user.is_active })}
            >
              {user.is_active ? 'Deactivate' : 'Reactivate'}
            </ActionButton>
          </div>
        </form>
      ) : null}
      {linking.data === undefined ? null : <ShownOnce label="Sign-in link" text={linking.data.url} />}
      <Failure error={linking.error} />
      {may_change ? (
        <>
          <h3>Sessions</h3>
          <SessionsList user_id={user.id} />
        </>
      ) : null}
    </Dialog>
  );
}

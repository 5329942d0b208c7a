import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, read } from '../api/client.ts';
import { faultsOf } from '../api/faults.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { Field } from '../ui/field.tsx';
import { ManagerField } from './manager_field.tsx';
import { type Role, RolesField } from './roles_field.tsx';
import { ShownOnce } from './shown_once.tsx';
import { settingsChanged } from './use_settings.ts';

/** Adds a user and shows the sign-in link once. */
export function NewPerson({ onClose }: { onClose(): void }) {
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [roles, setRoles] = useState<readonly Role[]>([]);
  const [manager_user_id, setManager] = useState<string | null>(null);
  const adding = useMutation({
    mutationFn: () =>
      read(
        api.POST('/users', {
          body: { email: email.trim(), name: name.trim(), roles: [...roles], manager_user_id },
        }),
      ),
    onSuccess: () => settingsChanged('users'),
  });
  const faults = faultsOf(adding.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!adding.isPending) adding.mutate();
  };
  if (adding.data !== undefined) {
    return (
      <Dialog title={`${adding.data.user.name} added`} onClose={onClose}>
        <p>Send them this link. It works once, within one day, and is not shown again.</p>
        <ShownOnce label="Sign-in link" text={adding.data.url} />
      </Dialog>
    );
  }
  return (
    <Dialog title="Add person" onClose={onClose}>
      <form onSubmit={submit}>
        <Field label="Name" fault={faults.get('name')}>
          <input required maxLength={200} value={name} onChange={(event) => setName(event.target.value)} />
        </Field>
        <Field label="Email" fault={faults.get('email')}>
          <input
            type="email"
            required
            maxLength={254}
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        </Field>
        <RolesField roles={roles} fault={faults.get('roles')} onChange={setRoles} />
        <ManagerField
          manager_user_id={manager_user_id}
          fault={faults.get('manager_user_id')}
          onChange={setManager}
        />
        <Failure error={faults.size === 0 ? adding.error : null} />
        <div className="actions">
          <ActionButton
            type="submit"
            className="primary"
            disabled={roles.length === 0}
            is_busy={adding.isPending}
          >
            Add and create link
          </ActionButton>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}

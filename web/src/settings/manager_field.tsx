import { Field } from '../ui/field.tsx';
import { useUsers } from './use_settings.ts';

type ManagerFieldProps = {
  manager_user_id: string | null;
  /** The user whose manager this is, if the user exists already. */
  of_user_id?: string;
  fault?: string | undefined;
  onChange(manager_user_id: string | null): void;
};

/** The manager of a user: any other active user, or the deactivated one that the user has. */
export function ManagerField({ manager_user_id, of_user_id, fault, onChange }: ManagerFieldProps) {
  const users = useUsers();
  const choices = (users.data?.items ?? []).filter(
    ({ id, is_active }) => id !== of_user_id && (is_active || id === manager_user_id),
  );
  return (
    <Field label="Manager" hint="Sees the leads of the whole team." fault={fault}>
      <select value={manager_user_id ?? ''} onChange={(event) => onChange(event.target.value || null)}>
        <option value="">No manager</option>
        {choices.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </Field>
  );
}

import type { UserRole } from '../api/schema.d.ts';

export type Role = UserRole;

const ROLES: readonly (readonly [Role, string, string])[] = [
  ['rep', 'Rep', 'sells, and approves messages sent in their name'],
  ['exec', 'Executive', 'routes booked meetings'],
  ['slm', 'Sales leader', 'leads the sales team and approves plays'],
  ['revops', 'RevOps', 'runs campaigns, policy, and mailboxes'],
  ['admin', 'Admin', 'manages people and API keys'],
  ['auditor', 'Auditor', 'reads everything and changes nothing'],
];

export function roleWords(roles: readonly Role[]): string {
  return ROLES.filter(([role]) => roles.includes(role))
    .map(([, words]) => words)
    .join(', ');
}

type RolesFieldProps = { roles: readonly Role[]; fault?: string | undefined; onChange(roles: Role[]): void };

/** The roles of a user, who may have several. */
export function RolesField({ roles, fault, onChange }: RolesFieldProps) {
  return (
    <fieldset className="settings_choices choices_tall">
      <legend>Roles, at least one</legend>
      {ROLES.map(([role, words, does]) => (
        <label className="check" key={role}>
          <input
            type="checkbox"
            checked={roles.includes(role)}
            onChange={(event) =>
              onChange(event.target.checked ? [...roles, role] : roles.filter((one) => one !== role))
            }
          />
          <span>
            {words} <span className="muted">{does}</span>
          </span>
        </label>
      ))}
      {fault === undefined ? null : <p className="field_fault">{fault}</p>}
    </fieldset>
  );
}

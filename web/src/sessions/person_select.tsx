import { usePeople } from './people.ts';

type Chosen = { user_id: string | null; name: string | null };
type PersonSelectProps = {
  label: string;
  /** The option for no user. */
  none: string;
  chosen: Chosen;
  onChoose(user_id: string | null): void;
};

/** Chooses an active user, or no user. The options include a chosen user who was deactivated since. */
export function PersonSelect({ label, none, chosen, onChoose }: PersonSelectProps) {
  const people = usePeople();
  return (
    <select
      aria-label={label}
      value={chosen.user_id ?? ''}
      onChange={({ target }) => onChoose(target.value || null)}
    >
      <option value="">{none}</option>
      {optionsOf(people, chosen).map(([id, name]) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </select>
  );
}

function optionsOf(people: ReturnType<typeof usePeople>, { user_id, name }: Chosen) {
  const options = people.map((person) => [person.id, person.name] as const);
  if (user_id === null || people.some(({ id }) => id === user_id)) return options;
  return [...options, [user_id, name ?? 'Deactivated user'] as const];
}

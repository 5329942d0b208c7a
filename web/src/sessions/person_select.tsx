import { myUserId } from './me.ts';
import { usePeople } from './people.ts';

type Chosen = { user_id: string | null; name: string | null };
type PersonSelectProps = {
  label: string;
  /** The option for no user. */
  none: string;
  chosen: Chosen;
  onChoose(user_id: string | null): void;
};

/** Chooses an active user, the signed-in one first, or no user. The options include a chosen user who was deactivated since. */
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
  const own_id = myUserId();
  const others = people.filter(({ id }) => id !== own_id);
  const own = people.filter(({ id }) => id === own_id);
  const options = [
    ...own.map((person) => [person.id, `${person.name} (you)`] as const),
    ...others.map((person) => [person.id, person.name] as const),
  ];
  if (user_id === null || people.some(({ id }) => id === user_id)) return options;
  return [...options, [user_id, name ?? 'Deactivated user'] as const];
}

import { useMutation } from '@tanstack/react-query';
import { cache } from '../api/cache.ts';
import { api, read } from '../api/client.ts';
import { useMe } from '../sessions/me.ts';
import { PersonSelect } from '../sessions/person_select.tsx';
import { canDecide } from '../sessions/roles.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { Failure } from '../ui/failure.tsx';

export type Assignee = { user_id: string | null; name: string | null };

/** The one person who sends the message, a button to take it over, and a choice of a colleague. */
export function AssignedTo({ queue_id, assignee }: { queue_id: string; assignee: Assignee }) {
  const me = useMe();
  const assigning = useMutation({
    mutationFn: (assigned_to_user_id: string) =>
      read(
        api.POST('/personal_sends/{id}/assign', {
          params: { path: { id: queue_id } },
          body: { assigned_to_user_id },
        }),
      ),
    onSuccess: ({ assigned_to_user_id, assigned_to_name }) =>
      announce(`Assigned to ${assigned_to_user_id === me?.user_id ? 'you' : assigned_to_name}.`),
    onSettled: () => cache.invalidateQueries({ queryKey: ['drafts'] }),
  });
  if (me === undefined) return null;
  const is_mine = assignee.user_id === me.user_id;
  return (
    <>
      <p className="actions assigned_to">
        <span className="muted">{is_mine ? 'You send this.' : wordsOf(assignee)}</span>
        {is_mine || !canDecide(me) || me.user_id === null ? null : (
          <ActionButton
            type="button"
            is_busy={assigning.isPending}
            onClick={() => assigning.mutate(me.user_id!)}
          >
            Assign to me
          </ActionButton>
        )}
        {canDecide(me) ? (
          <PersonSelect
            label="Assigned to"
            none="Assign to…"
            chosen={assignee}
            onChoose={(user_id) => {
              if (user_id !== null) assigning.mutate(user_id);
            }}
          />
        ) : null}
      </p>
      <Failure error={assigning.error} />
    </>
  );
}

function wordsOf({ user_id, name }: Assignee): string {
  return user_id === null ? 'No one is assigned. Any user who works may send this.' : `${name} sends this.`;
}

import { useMutation } from '@tanstack/react-query';
import { cache } from '../api/cache.ts';
import { api, read } from '../api/client.ts';
import { canDecide, useMe } from '../sessions/me.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { Failure } from '../ui/failure.tsx';

export type Assignee = { user_id: string | null; name: string | null };

/** The one person who sends the message, and a button to take it over. */
export function AssignedTo({ queue_id, assignee }: { queue_id: string; assignee: Assignee }) {
  const me = useMe();
  const taking = useMutation({
    mutationFn: () =>
      read(api.POST('/personal_sends/{id}/assign', { params: { path: { id: queue_id } }, body: {} })),
    onSuccess: () => announce('Assigned to you.'),
    onSettled: () => cache.invalidateQueries({ queryKey: ['drafts'] }),
  });
  if (me === undefined) return null;
  const is_mine = assignee.user_id === me.user_id;
  return (
    <>
      <p className="actions assigned_to">
        <span className="muted">{is_mine ? 'You send this.' : wordsOf(assignee)}</span>
        {is_mine || !canDecide(me) ? null : (
          <ActionButton type="button" is_busy={taking.isPending} onClick={() => taking.mutate()}>
            Assign to me
          </ActionButton>
        )}
      </p>
      <Failure error={taking.error} />
    </>
  );
}

function wordsOf({ user_id, name }: Assignee): string {
  return user_id === null ? 'No one is assigned. Any user who works may send this.' : `${name} sends this.`;
}

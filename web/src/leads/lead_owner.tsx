import { useMutation } from '@tanstack/react-query';
import { api, read } from '../api/client.ts';
import { useMe } from '../sessions/me.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { Failure } from '../ui/failure.tsx';
import { type Lead, leadChanged, nameOf } from './lead.ts';

/** Names the owner of the lead: its own, else its account’s. */
export function OwnerBadge({ lead }: { lead: Lead }) {
  const me = useMe();
  if (me === undefined) return null;
  const owner = lead.effective_owner_user_id === me.user_id ? 'you' : (lead.owner_name ?? 'none');
  return <span className="badge">Owner: {owner}</span>;
}

/** Makes the signed-in user the owner, or ends that. A change by someone else in between is refused, not replaced. */
export function OwnLead({ lead, version }: { lead: Lead; version: string | null }) {
  const user_id = useMe()?.user_id ?? null;
  const is_mine = lead.owner_user_id === user_id;
  const saving = useMutation({
    mutationFn: () => {
      const header = version === null ? {} : { header: { 'If-Match': version } };
      const body = { owner_user_id: is_mine ? null : user_id };
      return read(api.PATCH('/leads/{id}', { params: { path: { id: lead.id }, ...header }, body }));
    },
    onSuccess: (saved) => {
      announce(is_mine ? `You no longer own ${nameOf(saved)}.` : `You own ${nameOf(saved)}.`);
    },
    onSettled: leadChanged,
  });
  if (user_id === null) return null;
  return (
    <>
      <ActionButton type="button" is_busy={saving.isPending} onClick={() => saving.mutate()}>
        {is_mine ? 'Remove owner' : 'Assign to me'}
      </ActionButton>
      <Failure error={saving.error} />
    </>
  );
}

import { useMutation } from '@tanstack/react-query';
import { api, read } from '../api/client.ts';
import { useMe } from '../sessions/me.ts';
import { PersonSelect } from '../sessions/person_select.tsx';
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

/**
 * Makes an active user, the signed-in one first, or no user the owner. A change by someone else in between is refused, not
 * replaced.
 */
export function OwnLead({ lead, version }: { lead: Lead; version: string | null }) {
  const user_id = useMe()?.user_id ?? null;
  const saving = useMutation({
    mutationFn: (owner_user_id: string | null) => {
      const header = version === null ? {} : { header: { 'If-Match': version } };
      const params = { path: { id: lead.id }, ...header };
      return read(api.PATCH('/leads/{id}', { params, body: { owner_user_id } }));
    },
    onSuccess: (saved) => announce(ownedWords(saved, user_id)),
    onSettled: leadChanged,
  });
  if (user_id === null) return null;
  return (
    <>
      <PersonSelect
        label="Owner"
        none="No owner"
        chosen={{ user_id: lead.owner_user_id, name: lead.owner_name }}
        onChoose={(chosen) => saving.mutate(chosen)}
      />
      <Failure error={saving.error} />
    </>
  );
}

function ownedWords(lead: Lead, user_id: string | null): string {
  if (lead.owner_user_id === null) return `${nameOf(lead)} has no owner of its own.`;
  return `${lead.owner_user_id === user_id ? 'You own' : `${lead.owner_name} owns`} ${nameOf(lead)}.`;
}

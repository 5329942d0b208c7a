import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { cache } from '../api/cache.ts';
import { api, read } from '../api/client.ts';
import { useMe } from '../sessions/me.ts';
import { mayWork } from '../sessions/roles.ts';
import { announce } from '../ui/announce.tsx';
import { ReasonDialog } from '../ui/reason_dialog.tsx';
import type { Lead } from './lead.ts';

/** Opts a lead out, or lifts the opt-out. Both require a reason. */
export function OptOut({ lead }: { lead: Lead }) {
  const [is_asking, setAsking] = useState(false);
  const me = useMe();
  const is_out = lead.opt_out_flag || lead.unsubscribe_flag;
  const changing = useMutation({
    mutationFn: (reason: string) =>
      read(
        api.POST('/leads/{id}/opt_out', {
          params: { path: { id: lead.id } },
          body: { action: is_out ? 'lift' : 'set', reason },
        }),
      ),
    onSuccess: () => {
      announce(
        is_out
          ? 'Opt-out lifted. Nothing restarts automatically.'
          : 'Opted out. No more messages will be sent.',
      );
      setAsking(false);
      cache.invalidateQueries({ queryKey: ['leads'] });
    },
  });
  if (!mayWork(me)) return null;
  return (
    <>
      <button type="button" className={is_out ? undefined : 'danger'} onClick={() => setAsking(true)}>
        {is_out ? 'Lift opt-out…' : 'Opt out…'}
      </button>
      {is_asking ? (
        <ReasonDialog
          title={is_out ? 'Lift opt-out?' : 'Opt out this lead?'}
          text={
            is_out
              ? 'The lead asked not to be contacted. State how you know that they agree to it again. Ended enrollments stay ended.'
              : 'Ends every enrollment of this lead immediately. No more messages will be sent.'
          }
          action={is_out ? 'Lift opt-out' : 'Opt out'}
          is_busy={changing.isPending}
          error={changing.error}
          onReason={changing.mutate}
          onClose={() => {
            changing.reset();
            setAsking(false);
          }}
        />
      ) : null}
    </>
  );
}

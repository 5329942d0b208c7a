import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { cache } from '../api/cache.ts';
import { api, read } from '../api/client.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { Failure } from '../ui/failure.tsx';
import { Field } from '../ui/field.tsx';
import { useKeys } from '../ui/keys.ts';
import { ReasonDialog } from '../ui/reason_dialog.tsx';
import { CampaignChoices } from './campaign_choices.tsx';
import { askGate, decline, dropHandOff, type Goal, type HandOff, personOf, route } from './hand_off.ts';
import { useStart } from './use_start.ts';
import { GOALS } from './words.ts';

type RoutingFormProps = { hand_off: HandOff; onRouted(): void };

/** Routes a lead after its meeting, with a gate preview before. */
export function RoutingForm({ hand_off, onRouted }: RoutingFormProps) {
  const [own, setOwn] = useState<readonly string[] | null>(null);
  const [goal, setGoal] = useState<Goal | ''>(hand_off.goal ?? '');
  const [notes, setNotes] = useState(hand_off.notes ?? '');
  const [is_declining, setDeclining] = useState(false);
  const campaigns = useQuery({
    queryKey: ['campaigns', 'open'],
    queryFn: () => read(api.GET('/campaigns', { params: { query: { limit: 200 } } })),
  });
  const start = useStart(hand_off, campaigns.data?.items);
  const chosen = own ?? (start.data?.slug == null ? [] : [start.data.slug]);
  const asked = useQuery({
    queryKey: ['hand_offs', 'gate', hand_off.id, ...chosen],
    queryFn: () => askGate(hand_off.id, [...chosen]),
    enabled: chosen.length > 0,
  });
  const routing = useRouting(hand_off, onRouted);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (chosen.length === 0 || routing.is_busy) return;
    const said = {
      ...(goal === '' ? {} : { goal }),
      ...(notes.trim() === '' ? {} : { notes: notes.trim() }),
    };
    routing.route({ campaigns: [...chosen], ...said });
  };
  useKeys({ n: () => setDeclining(true) });
  return (
    <>
      <form className="routing" onSubmit={submit} aria-label="Where the lead goes">
        <Failure error={campaigns.error} />
        <CampaignChoices
          hand_off={hand_off}
          campaigns={campaigns.data?.items ?? []}
          chosen={chosen}
          answers={asked.data ?? []}
          suggested_answer={start.data?.suggested_answer}
          is_asking={asked.isFetching || start.isLoading}
          onChange={setOwn}
        />
        <Failure error={asked.error} />
        <div className="routing_said">
          <Field label="Goal" hint="Drafts work toward this goal.">
            <select value={goal} onChange={(event) => setGoal(event.target.value as Goal | '')}>
              <option value="">Unknown</option>
              {GOALS.map((known) => (
                <option key={known.goal} value={known.goal}>
                  {known.label}
                </option>
              ))}
            </select>
          </Field>
          <Field
            label={hand_off.type === 'entry_requested' ? 'Notes' : 'Meeting notes'}
            hint="For colleagues and for drafting. Messages never quote them."
          >
            <textarea
              rows={3}
              maxLength={5000}
              value={notes}
              onChange={(event) => setNotes(event.target.value)}
            />
          </Field>
        </div>
        <Failure error={is_declining ? null : routing.error} />
        <div className="actions">
          <ActionButton
            type="submit"
            className="primary"
            disabled={chosen.length === 0}
            is_busy={routing.is_busy}
          >
            {chosen.length === 0
              ? 'Choose a campaign'
              : `Route to ${chosen.length} ${chosen.length === 1 ? 'campaign' : 'campaigns'}`}
          </ActionButton>
          <ActionButton type="button" is_busy={routing.is_busy} onClick={() => setDeclining(true)}>
            Don’t enroll…{' '}
            <span className="key" aria-hidden="true">
              N
            </span>
          </ActionButton>
        </div>
      </form>
      {is_declining ? (
        <ReasonDialog
          title={`Don’t enroll ${personOf(hand_off)}?`}
          text="The lead is enrolled in no campaign. Colleagues will see the reason on the lead’s page."
          action="Don’t enroll"
          is_busy={routing.is_busy}
          error={routing.error}
          onReason={routing.decline}
          onClose={() => setDeclining(false)}
        />
      ) : null}
    </>
  );
}

type Decision = Parameters<typeof route>[1] | { declined: string };

function useRouting(hand_off: HandOff, onRouted: () => void) {
  const { id } = hand_off;
  const deciding = useMutation({
    mutationFn: (decision: Decision) =>
      'declined' in decision ? decline(id, decision.declined) : route(id, decision),
    onSuccess: (_task, decision) => {
      announce(
        'declined' in decision
          ? `Not enrolled: ${personOf(hand_off)}.`
          : `Routed: ${personOf(hand_off)}. Checking gates.`,
      );
      dropHandOff(id);
      for (const key of ['today', 'flags', 'leads', 'replies']) cache.invalidateQueries({ queryKey: [key] });
      onRouted();
    },
  });
  return {
    is_busy: deciding.isPending,
    error: deciding.error,
    route: (routing: Parameters<typeof route>[1]) => deciding.mutate(routing),
    decline: (declined: string) => deciding.mutate({ declined }),
  };
}

import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, read } from '../api/client.ts';
import type { GateOutcome, PendingRequest, SequenceRequest } from '../api/schema.d.ts';
import { unreachableWords } from '../steps/words.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { Field } from '../ui/field.tsx';
import { Link } from '../ui/link.tsx';
import { reasonWords, wakeWords } from '../ui/reasons.ts';
import { Time } from '../ui/time.tsx';
import { CampaignField } from './campaign_field.tsx';
import { Gates } from './gates.tsx';
import { type Lead, leadChanged, nameOf } from './lead.ts';
import { GOALS, type Goal } from './words.ts';

type Answered = SequenceRequest;
type Asked = { campaign: string; goal: Goal | ''; notes: string };

/** Checks the gates, shows the decision with its reasons, and enrolls the lead only on confirmation. */
export function StartSequence({ lead, onClose }: { lead: Lead; onClose(): void }) {
  const [asked, setAsked] = useState<Asked>({ campaign: '', goal: '', notes: '' });
  const [answer, setAnswer] = useState<Answered | null>(null);
  const trying = useMutation({ mutationFn: () => request(lead, asked, true), onSuccess: setAnswer });
  const starting = useMutation({
    mutationFn: () => request(lead, asked, false),
    onSuccess: (done) => {
      announce(
        done.reason === ENTRY
          ? 'Enrollment requested. An executive decides in Hand-offs.'
          : DONE_WORDS[done.outcome](nameOf(lead)),
      );
      leadChanged();
      onClose();
    },
  });
  const change = (part: Partial<Asked>) => {
    setAsked({ ...asked, ...part });
    starting.reset();
    // The gates read neither goal nor notes.
    if (part.campaign === undefined) return;
    setAnswer(null);
    trying.reset();
  };
  const is_busy = trying.isPending || starting.isPending;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (asked.campaign === '' || is_busy) return;
    if (answer === null) trying.mutate();
    else if (isWorthIt(answer)) starting.mutate();
  };
  return (
    <Dialog title={`Enroll ${nameOf(lead)}`} onClose={onClose}>
      <form onSubmit={submit}>
        <AskedFields asked={asked} onChange={change} />
        {answer === null ? null : answer.pending === null ? (
          <GateAnswer answer={answer} />
        ) : (
          <Pending pending={answer.pending} hand_off_id={answer.hand_off_id} />
        )}
        <Failure error={starting.error ?? trying.error} />
        <div className="actions">
          <ActionButton
            type="submit"
            className="primary"
            disabled={asked.campaign === '' || (answer !== null && !isWorthIt(answer))}
            is_busy={is_busy}
          >
            {answer === null ? 'Check gates' : buttonWords(answer)}
          </ActionButton>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function AskedFields({ asked, onChange }: { asked: Asked; onChange(part: Partial<Asked>): void }) {
  return (
    <>
      <CampaignField campaign={asked.campaign} onChange={(campaign) => onChange({ campaign })} />
      <Field label="Goal">
        <select value={asked.goal} onChange={(event) => onChange({ goal: event.target.value as Goal | '' })}>
          <option value="">Unknown</option>
          {GOALS.map(([goal, words]) => (
            <option key={goal} value={goal}>
              {words}
            </option>
          ))}
        </select>
      </Field>
      <Field label="Notes" hint="For colleagues. Messages never quote them.">
        <textarea
          rows={2}
          maxLength={5_000}
          value={asked.notes}
          onChange={(event) => onChange({ notes: event.target.value })}
        />
      </Field>
    </>
  );
}

type PendingProps = { pending: PendingRequest; hand_off_id: string | null };

/** An earlier request for the lead and campaign: a second one would change nothing. */
function Pending({ pending, hand_off_id }: PendingProps) {
  return (
    <div className="notice" role="status">
      <p>
        <strong>Already requested.</strong> {pending.requested_by_name} requested this enrollment{' '}
        <Time iso={pending.since} />.
      </p>
      {hand_off_id === null ? (
        <p>
          {pending.until === null ? (
            `It continues ${wakeWords(pending.wake)}`
          ) : (
            <>
              It is held until <Time iso={pending.until} />
            </>
          )}
          {pending.reason === null ? '' : `: ${reasonWords(pending.reason)}`}.
        </p>
      ) : (
        <p>
          An executive decides. <Link to={`/hand-offs?task=${hand_off_id}`}>View hand-off</Link>
        </p>
      )}
    </div>
  );
}

/** Shows what the gates decide now. Nothing is saved yet. */
function GateAnswer({ answer }: { answer: Answered }) {
  const is_yes = answer.outcome === 'allow';
  return (
    <div className={is_yes ? 'notice notice_good' : 'notice'} role="status">
      <p>
        <strong>{is_yes ? 'All gates passed.' : answer.text}</strong>
      </p>
      {is_yes &&
        answer.unreachable_steps.map((step) => <p key={step.step_number}>{unreachableWords(step)}</p>)}
      {is_yes && answer.left_company_at !== null ? (
        <p>
          The lead wrote <Time iso={answer.left_company_at} /> that they left the company or are the wrong
          person.
        </p>
      ) : null}
      <Gates gates={answer.gates} />
    </div>
  );
}

/** Refused until an executive decides; the request becomes a hand-off. */
const ENTRY = 'entry_restricted';

/** A held or queued request is worth making, and one that goes to an executive, but not while an earlier one is pending. */
function isWorthIt({ outcome, reason, pending }: Answered): boolean {
  if (pending !== null) return false;
  if (reason === ENTRY) return true;
  return outcome === 'allow' || outcome === 'hold' || outcome === 'queue';
}

function buttonWords({ outcome, reason, pending }: Answered): string {
  if (pending !== null) return 'Already requested';
  return reason === ENTRY ? 'Request enrollment' : BUTTON_WORDS[outcome];
}

const BUTTON_WORDS: Record<GateOutcome, string> = {
  allow: 'Enroll',
  hold: 'Request and hold',
  queue: 'Request and queue',
  block: 'Enroll',
  refuse: 'Enroll',
};

const DONE_WORDS: Record<GateOutcome, (name: string) => string> = {
  allow: (name) => `${name} enrolled. The first step is drafted next.`,
  hold: (name) => `${name} is held and retried automatically.`,
  queue: (name) => `${name} is queued and retried automatically.`,
  block: (name) => `${name} was not enrolled.`,
  refuse: (name) => `${name} was not enrolled.`,
};

function request(
  { id: lead_id }: Lead,
  { campaign, goal, notes }: Asked,
  dry_run: boolean,
): Promise<Answered> {
  const body = {
    lead_id,
    campaign_slug: campaign,
    dry_run,
    ...(goal === '' ? {} : { goal }),
    ...(notes.trim() === '' ? {} : { notes: notes.trim() }),
  };
  return read(api.POST('/sequence_requests', { body }));
}

import './import.css';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { cache } from '../api/cache.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { countWords } from '../ui/count.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { Link } from '../ui/link.tsx';
import { CampaignField } from './campaign_field.tsx';
import { leadChanged } from './lead.ts';
import { Answers, DONE_WORDS, WOULD_WORDS } from './start_answers.tsx';
import { askInPortions, NOTHING_TOLD, type Told, worthOf } from './start_portions.ts';

type StartManyProps = {
  /** Unique ids or addresses, in any number. */
  leads: readonly string[];
  onClose(): void;
};

/** Checks the gates for many leads, shows the results, and enrolls the leads only on confirmation. */
export function StartMany({ leads, onClose }: StartManyProps) {
  const [campaign, setCampaign] = useState('');
  const trying = useAsking(leads, campaign, true);
  const starting = useAsking(leads, campaign, false);
  const is_tried = trying.told.done === leads.length;
  const is_begun = starting.is_busy || starting.told.done > 0;
  const worth = worthOf(trying.told);
  const is_busy = trying.is_busy || starting.is_busy;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (campaign === '' || is_busy) return;
    if (!is_tried) trying.goOn();
    else if (worth > 0) starting.goOn();
  };
  if (is_tried && starting.told.done === leads.length)
    return <Started told={starting.told} campaign={campaign} onClose={onClose} />;
  return (
    <Dialog title={`Enroll ${countWords(leads.length, 'lead')}`} is_wide onClose={onClose}>
      <form onSubmit={submit}>
        <CampaignField
          campaign={campaign}
          is_fixed={is_busy || is_begun}
          onChange={(slug) => {
            setCampaign(slug);
            trying.reset();
          }}
        />
        {trying.told.done === 0 && !is_busy ? (
          <p className="muted">Check the gates for each lead first. This changes nothing.</p>
        ) : null}
        {is_busy ? (
          <Progress
            words={starting.is_busy ? 'Enrolling' : 'Checking gates'}
            done={(starting.is_busy ? starting : trying).told.done}
            of={leads.length}
          />
        ) : null}
        {is_begun ? (
          <Answers told={starting.told} words={DONE_WORDS} is_busy={is_busy} />
        ) : trying.told.done > 0 ? (
          <Answers told={trying.told} words={WOULD_WORDS} is_busy={is_busy} />
        ) : null}
        <Failure error={starting.error ?? trying.error} />
        {starting.error === null ? null : (
          <p>
            {countWords(starting.told.done, 'lead')} of {leads.length.toLocaleString('en')} are done. Enroll
            the rest to finish; no lead is requested twice.
          </p>
        )}
        <div className="actions">
          <ActionButton
            type="submit"
            className="primary"
            disabled={campaign === '' || (!is_busy && is_tried && worth === 0)}
            is_busy={is_busy}
          >
            {actionWords({ is_tried, is_begun, worth, asked: trying.told.done })}
          </ActionButton>
          <button type="button" onClick={onClose}>
            {starting.is_busy ? 'Stop' : is_begun ? 'Close' : 'Cancel'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

type Standing = { is_tried: boolean; is_begun: boolean; worth: number; asked: number };

function actionWords({ is_tried, is_begun, worth, asked }: Standing): string {
  if (!is_tried) return asked === 0 ? 'Check gates' : 'Resume check';
  if (worth === 0) return 'Enroll 0 leads';
  return is_begun ? 'Enroll the rest' : `Enroll ${countWords(worth, 'lead')}`;
}

/** Sends the leads in batches. Closing the dialog stops it; after an error, the next run continues there. */
function useAsking(leads: readonly string[], campaign: string, dry_run: boolean) {
  const [told, setTold] = useState(NOTHING_TOLD);
  const stop = useRef(new AbortController());
  const asking = useMutation({
    mutationFn: (from: Told) => {
      const { signal } = stop.current;
      return askInPortions({ leads, campaign, dry_run, from, signal, onTold: setTold });
    },
    onSettled: (all) => {
      if (dry_run) return;
      leadChanged();
      cache.invalidateQueries({ queryKey: ['campaigns'] });
      if (!stop.current.signal.aborted) return;
      const { allow = 0 } = all?.counts ?? {};
      announce(
        all === undefined
          ? 'Stopped. Leads enrolled so far stay in the campaign.'
          : `${countWords(allow, 'lead')} enrolled.`,
      );
    },
  });
  useEffect(() => {
    const begun = new AbortController();
    stop.current = begun;
    return () => begun.abort();
  }, []);
  return {
    told,
    is_busy: asking.isPending,
    error: asking.error,
    goOn: () => asking.mutate(told),
    reset: () => {
      asking.reset();
      setTold(NOTHING_TOLD);
    },
  };
}

function Progress({ words, done, of }: { words: string; done: number; of: number }) {
  return (
    <div className="progress">
      <progress value={done} max={of} aria-label={words} />
      <span>
        {words}: {done.toLocaleString('en')} of {of.toLocaleString('en')}
      </span>
    </div>
  );
}

/** Shows the results and links to the drafts. */
function Started({ told, campaign, onClose }: { told: Told; campaign: string; onClose(): void }) {
  const started = told.counts.allow ?? 0;
  return (
    <Dialog
      title={started === 0 ? 'No leads enrolled' : `${countWords(started, 'lead')} enrolled`}
      is_wide
      onClose={onClose}
    >
      {started === 0 ? null : (
        <p>Their first messages are being drafted. Nothing is sent until you approve it.</p>
      )}
      <Answers told={told} words={DONE_WORDS} is_busy={false} />
      <div className="actions">
        <Link className="primary" to={`/drafts?campaign=${campaign}`}>
          View drafts
        </Link>
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}

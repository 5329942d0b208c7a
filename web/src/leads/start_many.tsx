import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { cache } from '../api/cache.ts';
import { type Answer, api, read } from '../api/client.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { Field } from '../ui/field.tsx';
import { Link } from '../ui/link.tsx';
import { Time } from '../ui/time.tsx';
import { leadCount } from './import_preview.tsx';
import { leadChanged } from './lead.ts';

type Answered = Answer<'/sequence_requests/batch', 'post'>;
type Item = Answered['items'][number];
type Outcome = Item['outcome'];

type StartManyProps = {
  /** Ids or addresses, at most 200. */
  leads: readonly string[];
  onClose(): void;
};

/** Asks the gate for many leads at once, shows what it says of each, and only then lets them in. */
export function StartMany({ leads, onClose }: StartManyProps) {
  const [campaign, setCampaign] = useState('');
  const ask = (dry_run: boolean) =>
    read(api.POST('/sequence_requests/batch', { body: { leads: [...leads], campaign, dry_run } }));
  const trying = useMutation({ mutationFn: () => ask(true) });
  const starting = useMutation({
    mutationFn: () => ask(false),
    onSuccess: () => {
      leadChanged();
      cache.invalidateQueries({ queryKey: ['campaigns'] });
    },
  });
  const tried = trying.data;
  const worth = tried === undefined ? 0 : worthIt(tried);
  const is_busy = trying.isPending || starting.isPending;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (campaign === '' || is_busy) return;
    if (tried === undefined) trying.mutate();
    else if (worth > 0) starting.mutate();
  };
  if (starting.data !== undefined) return <Started answer={starting.data} onClose={onClose} />;
  return (
    <Dialog title={`Start a campaign for ${leadCount(leads.length)}`} is_wide onClose={onClose}>
      <form onSubmit={submit}>
        <CampaignField
          campaign={campaign}
          onChange={(slug) => {
            setCampaign(slug);
            trying.reset();
          }}
        />
        {tried === undefined ? (
          <p className="muted">The gate is asked for each of them first. Nothing happens by that.</p>
        ) : (
          <Answers answer={tried} words={WOULD_WORDS} />
        )}
        <Failure error={starting.error ?? trying.error} />
        <div className="actions">
          <button
            type="submit"
            className="primary"
            disabled={is_busy || campaign === '' || (tried !== undefined && worth === 0)}
          >
            {tried === undefined
              ? 'Ask the gate'
              : worth === 0
                ? 'Not possible'
                : `Start it for ${leadCount(worth)}`}
          </button>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function CampaignField({ campaign, onChange }: { campaign: string; onChange(slug: string): void }) {
  const campaigns = useQuery({
    queryKey: ['campaigns', 'choice'],
    queryFn: () => read(api.GET('/campaigns', { params: { query: { limit: 200 } } })),
  });
  const active = campaigns.data?.items.filter(({ status }) => status === 'active');
  return (
    <>
      <Field
        label="Campaign"
        hint={
          active?.length === 0 ? 'No campaign is active. RevOps activates one under Campaigns.' : undefined
        }
      >
        <select required value={campaign} onChange={(event) => onChange(event.target.value)}>
          <option value="">Choose one</option>
          {active?.map(({ slug, name }) => (
            <option key={slug} value={slug}>
              {name}
            </option>
          ))}
        </select>
      </Field>
      <Failure error={campaigns.error} />
    </>
  );
}

/** What became of it, and where to go on. */
function Started({ answer, onClose }: { answer: Answered; onClose(): void }) {
  const started = answer.counts.allow ?? 0;
  return (
    <Dialog
      title={started === 0 ? 'Nobody could begin now' : `Started for ${leadCount(started)}`}
      is_wide
      onClose={onClose}
    >
      {started === 0 ? null : (
        <p>Their first messages are drafted now. Nothing leaves before you have approved its text.</p>
      )}
      <Answers answer={answer} words={DONE_WORDS} />
      <div className="actions">
        <Link className="primary" to="/drafts">
          Go to the drafts
        </Link>
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}

/** Counted by what is said, then each lead that does not simply go on, with the reason. */
function Answers({ answer: { counts, items }, words }: { answer: Answered; words: Record<Outcome, string> }) {
  const others = items.filter(({ outcome }) => outcome !== 'allow');
  return (
    <div className="start_many" role="status">
      <ul>
        {ORDER.flatMap((outcome) => {
          const count = counts[outcome];
          return count === undefined
            ? []
            : [
                <li key={outcome}>
                  <strong>{count}</strong> {words[outcome]}
                </li>,
              ];
        })}
      </ul>
      {others.length === 0 ? null : (
        <ul className="start_many_others" aria-label="Those that do not begin now">
          {others.map((item) => (
            <li key={item.lead}>
              <OtherLine item={item} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function OtherLine({ item: { lead, lead_id, name, company, why, until } }: { item: Item }) {
  const who = [name ?? lead, company].filter(Boolean).join(', ');
  return (
    <>
      {lead_id === null ? <strong>{who}</strong> : <Link to={`/leads/${lead_id}`}>{who}</Link>}: {why}
      {until === null ? null : (
        <>
          {' '}
          Asked again <Time iso={until} />.
        </>
      )}
    </>
  );
}

const ORDER: readonly Outcome[] = [
  'allow',
  'hold',
  'queue',
  'refuse',
  'block',
  'already_enrolled',
  'already_waiting',
  'unknown_lead',
];

const WOULD_WORDS: Record<Outcome, string> = {
  allow: 'would begin now',
  hold: 'would wait until they may hear from us again',
  queue: 'would wait for the other side',
  refuse: 'would be refused',
  block: 'must not be contacted',
  already_enrolled: 'are in this campaign already',
  already_waiting: 'wait for this campaign already',
  unknown_lead: 'are not known here',
};

const DONE_WORDS: Record<Outcome, string> = {
  ...WOULD_WORDS,
  allow: 'began',
  hold: 'wait until they may hear from us again, then begin by themselves',
  queue: 'wait for the other side, then begin by themselves',
  refuse: 'were refused',
};

function worthIt({ counts }: Answered): number {
  return (counts.allow ?? 0) + (counts.hold ?? 0) + (counts.queue ?? 0);
}

import { useQuery } from '@tanstack/react-query';
import type { PreviewedAnswer } from '../api/schema.d.ts';
import { unreachableWords } from '../steps/words.ts';
import { Bars } from '../ui/bars.tsx';
import { countWords } from '../ui/count.ts';
import { Failure } from '../ui/failure.tsx';
import { Link } from '../ui/link.tsx';
import { fetchPreview, type Play, type Preview } from './play.ts';
import { useSegmentName } from './use_play.ts';
import { audienceLines, whereWords } from './words.ts';

/** Checking the gates for the whole audience takes a moment, so touches that are sent do not repeat it. */
const KEPT_MS = 60_000;

/** The audience of a play, and what the gates would decide about it now. */
export function Audience({ play }: { play: Play }) {
  const nameOf = useSegmentName();
  const lines = audienceLines(play.target_definition);
  const where = whereWords(play, nameOf);
  return (
    <section>
      <h2>Audience</h2>
      <ul className="play_lines">
        <li>{play.segment === null ? `Leads at ${where}` : `Leads in the segment ${where}`}</li>
        {lines.map((words) => (
          <li key={words}>{words}</li>
        ))}
      </ul>
      {lines.length === 0 ? <p className="muted">All leads: no further conditions.</p> : null}
      {play.state === 'retired' ? null : <AudienceNow play={play} />}
    </section>
  );
}

/** Checked again for each text, but not for other changes of the play. */
function AudienceNow({ play: { play_id, content_hash, state } }: { play: Play }) {
  const preview = useQuery({
    queryKey: ['play_preview', play_id, content_hash, state],
    queryFn: () => fetchPreview(play_id),
    staleTime: KEPT_MS,
  });
  return (
    <div className="audience_now" aria-busy={preview.isPending}>
      <h3>If it ran now</h3>
      <Failure error={preview.error} />
      {preview.data === undefined ? (
        preview.isPending && <p className="muted">Checking gates for all leads…</p>
      ) : (
        <PreviewView preview={preview.data} is_running={state === 'active'} />
      )}
    </div>
  );
}

type Answer = PreviewedAnswer;

const GROUPS: readonly {
  outcomes: readonly Answer['outcome'][];
  label: string;
  kind: 'good' | 'wait' | 'bad';
}[] = [
  { outcomes: ['allow'], label: 'Would enroll', kind: 'good' },
  { outcomes: ['hold', 'queue'], label: 'Would wait', kind: 'wait' },
  { outcomes: ['block', 'refuse'], label: 'Not enrolled', kind: 'bad' },
];

function PreviewView({ preview, is_running }: { preview: Preview; is_running: boolean }) {
  const { match_count, match_count_is_complete, asked_count, asked_all, answers, touches_by_week } = preview;
  const fits = `${match_count_is_complete ? '' : 'At least '}${countWords(match_count, 'lead')}`;
  if (match_count === 0) return <p>No leads match. Widen the audience or import matching leads.</p>;
  const bars = GROUPS.map(({ outcomes, label, kind }) => {
    const value = sum(answers.filter(({ outcome }) => outcomes.includes(outcome)));
    return { label, kind, value, text: value.toLocaleString('en') };
  });
  return (
    <>
      <p>
        {fits} {match_count === 1 ? 'matches' : 'match'}.{' '}
        {asked_count === 0 && is_running ? 'All of them were requested already; see the results.' : null}
        {asked_all ? null : `Gates checked for ${asked_count.toLocaleString('en')} of them.`}
      </p>
      {asked_count === 0 ? null : <Bars label="Gate preview" bars={bars} max={asked_count} />}
      <Reasons answers={answers.filter(({ outcome }) => outcome !== 'allow')} />
      {preview.unreachable_steps.map(({ leads, ...step }) => (
        <p key={step.step_number}>
          {countWords(leads, 'lead')}: {unreachableWords(step)}
        </p>
      ))}
      {touches_by_week.every(({ touches }) => touches === 0) ? null : (
        <>
          <h3>Touches per week if all enrolled leads started together</h3>
          <Bars
            label="Touches by week"
            bars={touches_by_week.map(({ week, touches }) => ({
              label: `Week ${week}`,
              value: touches,
              text: touches.toLocaleString('en'),
            }))}
          />
        </>
      )}
    </>
  );
}

function Reasons({ answers }: { answers: readonly Answer[] }) {
  if (answers.length === 0) return null;
  return (
    <ul className="reasons">
      {answers.map(({ outcome, because, says, leads, examples }) => (
        <li key={`${outcome} ${because}`}>
          <strong>{leads.toLocaleString('en')}</strong>{' '}
          {outcome === 'hold' || outcome === 'queue' ? 'would wait' : 'would not be enrolled'}: {says}.{' '}
          <span className="muted">
            For example{' '}
            {examples.map(({ lead_id, email }, at) => (
              <span key={lead_id}>
                {at === 0 ? '' : ', '}
                <Link to={`/leads/${lead_id}`}>{email}</Link>
              </span>
            ))}
          </span>
        </li>
      ))}
    </ul>
  );
}

function sum(answers: readonly Answer[]): number {
  return answers.reduce((total, { leads }) => total + leads, 0);
}

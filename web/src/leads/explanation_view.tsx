import './lead_page.css';
import { createContext, type ReactNode, useContext } from 'react';
import type { Answer } from '../api/client.ts';
import { Time } from '../ui/time.tsx';
import { GATE_WORDS, SAYS_WORDS } from './words.ts';

type Explanation = Answer<'/leads/{id}/explain', 'get'>;
type NotSent = Explanation['not_sent'][number];

/** The explanation of one lead, laid out: first where things stand, then what comes, then what was. */
export function ExplanationView({ explanation }: { explanation: Explanation }) {
  return (
    <Zone value={explanation.lead.time_zone}>
      <Explained explanation={explanation} />
    </Zone>
  );
}

/** The lead’s zone: in it are the times of the texts, and so are those beside them. */
const Zone = createContext('UTC');

function LeadTime({ iso }: { iso: string }) {
  return <Time iso={iso} zone={useContext(Zone)} />;
}

function Explained({ explanation }: { explanation: Explanation }) {
  return (
    <div className="explanation">
      <p className="summary">{explanation.summary}</p>
      <p className="muted">All times are those of {explanation.lead.time_zone}.</p>
      <Section title="What comes next" is_empty={explanation.next.length === 0} empty="Nothing is planned.">
        <ul className="timeline">
          {explanation.next.map((step) => (
            <li key={`${step.campaign} ${step.step_number} ${step.text}`}>
              <Moment iso={step.at} otherwise={WAITS_WORDS[step.waits_for]} />
              <p>{step.text}</p>
            </li>
          ))}
        </ul>
      </Section>
      <Section
        title="What was not sent, and why"
        is_empty={explanation.not_sent.length === 0}
        empty="Nothing was kept back."
      >
        <ul className="timeline">
          {explanation.not_sent.toReversed().map((entry) => (
            <li key={entry.event_id}>
              <Moment iso={entry.at} />
              <p>{entry.text}</p>
              <Gates gates={entry.gates} />
            </li>
          ))}
        </ul>
      </Section>
      <Section
        title="What happened"
        is_empty={explanation.happened.length === 0}
        empty="Nothing has happened yet."
      >
        <ul className="timeline">
          {explanation.happened.toReversed().map((entry) => (
            <li key={entry.event_id}>
              <Moment iso={entry.at} />
              <p>{entry.text}</p>
            </li>
          ))}
        </ul>
      </Section>
      <Window window={explanation.window} as_of={explanation.as_of} />
    </div>
  );
}

const WAITS_WORDS: Record<Explanation['next'][number]['waits_for'], string> = {
  time: 'When its time comes',
  person: 'When a person decides',
  other_sequence: 'When the other sequence ends',
  abm: 'When ABM ends',
  policy: 'When the policy changes',
  nothing: '–',
};

type SectionProps = { title: string; is_empty: boolean; empty: string; children: ReactNode };

function Section({ title, is_empty, empty, children }: SectionProps) {
  return (
    <section>
      <h2>{title}</h2>
      {is_empty ? <p className="muted">{empty}</p> : children}
    </section>
  );
}

function Moment({ iso, otherwise = '–' }: { iso: string | null; otherwise?: string }) {
  return <span className="moment muted">{iso === null ? otherwise : <LeadTime iso={iso} />}</span>;
}

/** The gates in the order in which they were asked; the last one is the one that said no. */
function Gates({ gates }: { gates: NotSent['gates'] }) {
  if (gates.length === 0) return null;
  return (
    <details>
      <summary>The gates that were asked</summary>
      <ol className="gates">
        {gates.map(({ gate, says, text }) => (
          <li key={gate}>
            <strong>{GATE_WORDS[gate] ?? gate}</strong>{' '}
            <span className={says === 'pass' ? 'badge' : 'badge badge_bad'}>{SAYS_WORDS[says] ?? says}</span>
            <br />
            {text}
          </li>
        ))}
      </ol>
    </details>
  );
}

/** The rolling window from which the cap is counted. */
function Window({ window, as_of }: { window: Explanation['window']; as_of: string }) {
  const { touches_counted, cap, window_hours, touches } = window;
  const length = window_hours % 24 === 0 ? `${window_hours / 24} days` : `${window_hours} hours`;
  return (
    <section>
      <h2>The last {length}</h2>
      <p className="window">
        <meter
          min={0}
          max={Math.max(1, cap)}
          value={touches_counted}
          aria-label="Touches, of those allowed"
        />
        <span>
          {touches_counted} of {cap} touches. <NextFree window={window} as_of={as_of} />
        </span>
      </p>
      {touches.length === 0 ? null : (
        <ul className="timeline">
          {touches.map(({ at, campaign, channel, leaves_window_at }) => (
            <li key={`${at} ${campaign}`}>
              <Moment iso={at} />
              <p>
                {campaign}, {channel === 'linkedin' ? 'LinkedIn' : 'e-mail'}.{' '}
                {leaves_window_at === null ? 'It is under way.' : <CountsUntil iso={leaves_window_at} />}
              </p>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function CountsUntil({ iso }: { iso: string }) {
  return (
    <>
      It counts until <LeadTime iso={iso} />.
    </>
  );
}

function NextFree({ window: { next_free_at }, as_of }: { window: Explanation['window']; as_of: string }) {
  if (next_free_at === null) return 'Nothing more fits.';
  if (next_free_at <= as_of) return 'One more fits now.';
  return (
    <>
      One more fits from <LeadTime iso={next_free_at} />.
    </>
  );
}

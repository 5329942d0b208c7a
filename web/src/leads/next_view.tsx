import { withoutCommands } from '../ui/commands.ts';
import { Time } from '../ui/time.tsx';
import type { Explanation } from './lead.ts';

/** Summarizes the status and the next steps. Times are in the lead's time zone, like the sentences. */
export function NextView({ explanation }: { explanation: Explanation }) {
  const { summary, next } = explanation;
  return (
    <>
      <p className="summary">{withoutCommands(summary)}</p>
      <section>
        <h2>Next steps</h2>
        {next.length === 0 ? <p className="muted">Nothing is planned.</p> : null}
        <ul className="moments">
          {next.map(({ at, campaign, step_number, text, waits_for }) => (
            <li key={`${campaign} ${step_number} ${text}`}>
              {at === null && waits_for === 'nothing' ? null : (
                <span className="moment muted">
                  {at === null ? WAITS_WORDS[waits_for] : <Time iso={at} />}
                </span>
              )}
              <p>{withoutCommands(text)}</p>
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}

const WAITS_WORDS: Record<Explanation['next'][number]['waits_for'], string> = {
  time: 'At its scheduled time',
  person: 'When a person decides',
  other_sequence: 'When the other enrollment ends',
  abm: 'When ABM ends',
  policy: 'When the policy changes',
  nothing: '',
};

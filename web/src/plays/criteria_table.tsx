import type { PlayResults } from '../api/schema.d.ts';
import { countWords } from '../ui/count.ts';
import type { Play } from './play.ts';
import { CRITERIA, CRITERION_WORDS, criterionWords, percentWords } from './words.ts';

/** The success criteria of a play beside its results. */
export function CriteriaTable({ play }: { play: Play }) {
  const { success_criteria, results, retrospective_outcomes, activated_at } = play;
  const has_run = activated_at !== null;
  const wanted = CRITERIA.filter((criterion) => success_criteria[criterion] !== undefined);
  return (
    <section>
      <h2>Success criteria</h2>
      <table className="figures">
        <thead>
          <tr>
            <th scope="col">Measure</th>
            <th scope="col">Target</th>
            {has_run ? <th scope="col">So far</th> : null}
            {retrospective_outcomes === null ? null : (
              <th scope="col">{quarterWords(retrospective_outcomes.quarter)}</th>
            )}
          </tr>
        </thead>
        <tbody>
          {wanted.map((criterion) => (
            <tr key={criterion}>
              <th scope="row">{CRITERION_WORDS[criterion]}</th>
              <td>{criterionWords(criterion, success_criteria[criterion] ?? 0)}</td>
              {has_run ? <td>{criterion === 'meeting_rate' ? soFar(results) : '–'}</td> : null}
              {retrospective_outcomes === null ? null : (
                <td>
                  {retrospective_outcomes[criterion] === undefined
                    ? '–'
                    : criterionWords(criterion, retrospective_outcomes[criterion])}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {retrospective_outcomes?.notes === undefined ? null : (
        <p className="play_text">{retrospective_outcomes.notes}</p>
      )}
      {has_run ? <Results results={results} /> : null}
    </section>
  );
}

function Results({ results }: { results: PlayResults }) {
  const { enrolled, under_way, meetings, converted, rejected, timed_out, touches, waiting, not_admitted } =
    results;
  return (
    <>
      <h3>Results so far</h3>
      <p>
        {countWords(enrolled, 'lead')} enrolled, {under_way} in progress; {countWords(meetings, 'meeting')},{' '}
        {converted} converted, {rejected} rejected, {timed_out} without a reply.{' '}
        {countWords(touches, 'touch', 'touches')} sent.
      </p>
      {waiting === 0 ? null : <p>{countWords(waiting, 'lead')} waiting for the gates.</p>}
      {not_admitted === 0 ? null : (
        <>
          <p>{countWords(not_admitted, 'lead')} matched but were not enrolled:</p>
          <ul className="play_lines">
            {results.not_admitted_reasons.map(({ because, says, leads }) => (
              <li key={because}>
                {leads}: {says}
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function soFar({ enrolled, meetings }: PlayResults): string {
  return enrolled === 0 ? '–' : `${percentWords(meetings / enrolled)} (${meetings} of ${enrolled})`;
}

/** Formats `2026-Q4` as "Q4 2026". */
export function quarterWords(quarter: string): string {
  return quarter.split('-').reverse().join(' ');
}

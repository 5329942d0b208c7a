import type { ReactNode } from 'react';
import { useAgentName } from '../agents/names.ts';
import { useNow } from '../sessions/me.ts';
import { stepWords } from '../steps/words.ts';
import { Time } from '../ui/time.tsx';
import { editsOf } from './patches.ts';
import type { Cadence, Criteria, Play, PlayContent, Target } from './play.ts';
import {
  audienceLines,
  CRITERIA,
  CRITERION_WORDS,
  criterionWords,
  dayWords,
  pathWords,
  placeWords,
  valueWords,
} from './words.ts';

const FIELDS = [
  'name',
  'hypothesis',
  'target_definition',
  'suggested_cadence',
  'success_criteria',
  'active_period_start',
  'active_period_end',
  'client_id',
] as const satisfies readonly (keyof PlayContent)[];

/** The brain's text beside the current one, field by field, and the edit history. */
export function PlayChanges({ play }: { play: Play }) {
  const agentName = useAgentName();
  const changed = FIELDS.filter((field) => !isSame(play.drafted[field] ?? null, playField(play, field)));
  if (play.state === 'draft') return null;
  const brain = agentName(play.writer_agent_id);
  return (
    <section>
      <h2>Original and current text</h2>
      {play.edits_during_review.length === 0 ? (
        <p className="muted">No edits since {brain} drafted this play.</p>
      ) : null}
      {changed.map((field) => (
        <div key={field} className="beside">
          <h3>{pathWords(field)}</h3>
          <div className="beside_text">
            <h4>{brain}</h4>
            <FieldView field={field} value={play.drafted[field] ?? null} />
          </div>
          <div className="beside_text">
            <h4>Now</h4>
            <FieldView field={field} value={playField(play, field)} />
          </div>
        </div>
      ))}
      <EditLog play={play} />
    </section>
  );
}

/** Activation sets the first day, which is not an edit. */
function playField(play: Play, field: (typeof FIELDS)[number]): unknown {
  const is_set_by_activation = field === 'active_period_start' && play.activated_at !== null;
  return is_set_by_activation ? (play.drafted[field] ?? null) : play[field];
}

function EditLog({ play }: { play: Play }) {
  const now_ms = useNow();
  const edits = editsOf(play);
  if (edits.length === 0) return null;
  return (
    <details>
      <summary>Edit history ({edits.length})</summary>
      <ol className="edits">
        {edits.toReversed().map(({ at, user_name, changes }) => (
          <li key={at + user_name}>
            <p>
              <strong>{user_name}</strong>,{' '}
              <span className="muted">
                <Time iso={at} now_ms={now_ms} />
              </span>
            </p>
            <dl>
              {changes.map(({ path, before, after }) => (
                <div key={path.join('/')}>
                  <dt>{placeWords(path)}</dt>
                  <dd>
                    {before === undefined ? null : (
                      <del>
                        <span className="unseen">Before: </span>
                        {valueWords(path, before)}
                      </del>
                    )}{' '}
                    {after === undefined ? null : (
                      <ins>
                        <span className="unseen">After: </span>
                        {valueWords(path, after)}
                      </ins>
                    )}
                  </dd>
                </div>
              ))}
            </dl>
          </li>
        ))}
      </ol>
    </details>
  );
}

type FieldName = (typeof FIELDS)[number];

/** Renders one field of a play. */
function FieldView({ field, value }: { field: FieldName; value: unknown }): ReactNode {
  if (value === null || value === '') return <p className="muted">Nothing</p>;
  switch (field) {
    case 'target_definition':
      return <Lines lines={audienceLines(value as Target)} otherwise="All leads" />;
    case 'suggested_cadence':
      return <Lines lines={cadenceLines(value as Cadence)} otherwise="Nothing" />;
    case 'success_criteria':
      return <Lines lines={criteriaLines(value as Criteria)} otherwise="Nothing" />;
    case 'active_period_start':
    case 'active_period_end':
      return <p>{dayWords(String(value))}</p>;
    default:
      return <p className="play_text">{String(value)}</p>;
  }
}

function Lines({ lines, otherwise }: { lines: readonly string[]; otherwise: string }) {
  if (lines.length === 0) return <p className="muted">{otherwise}</p>;
  return (
    <ul className="play_lines">
      {lines.map((words) => (
        <li key={words}>{words}</li>
      ))}
    </ul>
  );
}

function cadenceLines({ steps, campaign_template }: Cadence): string[] {
  if (steps === undefined) return [`Steps of the campaign ${campaign_template?.replaceAll('_', ' ')}`];
  return steps.map((step) => `${stepWords(step)}: ${step.template_instructions}`);
}

function criteriaLines(criteria: Criteria): string[] {
  return CRITERIA.flatMap((criterion) => {
    const value = criteria[criterion];
    return value === undefined ? [] : [`${CRITERION_WORDS[criterion]}: ${criterionWords(criterion, value)}`];
  });
}

/** Ignores the order of keys. */
function isSame(one: unknown, other: unknown): boolean {
  return sorted(one) === sorted(other);
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_, part) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

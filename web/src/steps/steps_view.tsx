import { CHANNELS } from '../channels.gen.ts';
import './steps.css';
import type { ReactNode } from 'react';
import type { StepContent } from './step.ts';
import { CONTENT_WORDS, stepWords, UNREACHABLE_WORDS } from './words.ts';

type StepsViewProps<Step extends StepContent> = {
  steps: readonly Step[];
  /** Content below a step. */
  below?: (step: Step, at: number) => ReactNode;
};

/** Draws a cadence and lists its steps below: day, channel, purpose, and instructions. */
export function StepsView<Step extends StepContent>({ steps, below }: StepsViewProps<Step>) {
  return (
    <>
      <CadencePicture steps={steps} />
      <ol className="cadence_list">
        {steps.map((step, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a step has no name but its place
          <li key={at}>
            <span className="cadence_day muted">Day {step.delay_days}</span>
            <div>
              <p>
                <strong>{CONTENT_WORDS[step.content_type]}</strong>{' '}
                <span className="badge">{CHANNELS[step.channel].label}</span>{' '}
                {step.requires_personal_send && CHANNELS[step.channel].sent_by === 'product' ? (
                  <span className="badge">Manual send</span>
                ) : null}
                {(step.when_unreachable ?? 'skip') === 'skip' ? null : (
                  <span className="badge">
                    Without an address: {UNREACHABLE_WORDS[step.when_unreachable ?? 'skip'].toLowerCase()}
                  </span>
                )}
              </p>
              <p className="cadence_text">{step.template_instructions}</p>
              {below?.(step, at)}
            </div>
          </li>
        ))}
      </ol>
    </>
  );
}

const WIDTH = 360;
const EDGE = 22;
/** Closer labels would overlap. */
const GAP_MIN = 40;
const LABELED_MAX = 9;
/** From this distance, the longest labels fit side by side; closer ones alternate between two lines. */
const LABEL_WIDTH = 66;

/** Circles are sent by the product, squares by people; the distance shows the days between steps. */
function CadencePicture({ steps }: { steps: readonly StepContent[] }) {
  if (steps.length === 0) return null;
  const places = placesOf(steps.map(({ delay_days }) => delay_days));
  const is_labeled = steps.length <= LABELED_MAX;
  const is_close = places.some((place, at) => at > 0 && place - (places[at - 1] ?? 0) < LABEL_WIDTH);
  return (
    <svg
      className="cadence"
      viewBox={`0 0 ${WIDTH} 62`}
      preserveAspectRatio="xMidYMin slice"
      role="img"
      aria-label={told(steps)}
    >
      <line className="cadence_line" x1={EDGE} x2={WIDTH - EDGE} y1="24" y2="24" />
      {steps.map((step, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a step has no name but its place
        <g key={at} transform={`translate(${places[at]} 24)`}>
          {CHANNELS[step.channel].sent_by === 'person' ? (
            <rect className="cadence_mark" x="-6" y="-6" width="12" height="12" rx="2" />
          ) : (
            <circle className="cadence_mark" r="6" />
          )}
          <text className="cadence_number" y="2.6">
            {at + 1}
          </text>
          {is_labeled ? (
            <text className="cadence_label" y="-11">
              {step.delay_days === 0 ? 'Day 0' : step.delay_days}
            </text>
          ) : null}
          {is_labeled ? (
            <text className="cadence_label cadence_content" y={is_close && at % 2 === 1 ? 27 : 17}>
              {CONTENT_WORDS[step.content_type]}
            </text>
          ) : null}
        </g>
      ))}
    </svg>
  );
}

function told(steps: readonly StepContent[]): string {
  const count = steps.length === 1 ? '1 step' : `${steps.length} steps`;
  return `${count}: ${steps.map(stepWords).join('; ')}`;
}

/** Places the steps in proportion to their days, as far as the labels allow. */
function placesOf(days: readonly number[]): number[] {
  const room = WIDTH - 2 * EDGE;
  const gap_min = Math.min(GAP_MIN, room / Math.max(1, days.length - 1));
  const free = room - gap_min * (days.length - 1);
  const first = days[0] ?? 0;
  const length = (days.at(-1) ?? 0) - first;
  return days.map((day, at) => EDGE + gap_min * at + (length === 0 ? 0 : (free * (day - first)) / length));
}

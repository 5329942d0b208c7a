import { useId } from 'react';
import { DAY_MS } from '../ui/durations.ts';
import { Link } from '../ui/link.tsx';
import { REASONS, type Reason } from '../ui/reasons.ts';
import { logAddress } from './log_filters.tsx';

export type Bar = { start: string; counts: ReadonlyMap<string, number>; total: number };

const WIDTH = 900;
const HEIGHT = 240;
const TOP = 26;
const BOTTOM = 205;
const LEFT = 48;

/** Stacked bars, one per day. Each part has its own pattern, so the chart is readable without color. */
export function SuppressionChart({
  bars,
  days,
  now_ms,
}: {
  bars: readonly Bar[];
  days: number;
  now_ms: number;
}) {
  const id = useId();
  const most = Math.max(...bars.map(({ total }) => total));
  const used = REASONS.filter(([reason]) => bars.some(({ counts }) => counts.has(reason)));
  const step = (WIDTH - LEFT) / (days + 1);
  // The last place is today's.
  const place = (start: string) => days - Math.floor((now_ms - Date.parse(start)) / DAY_MS);
  const height = (count: number) => (count / most) * (BOTTOM - TOP);
  return (
    <figure className="chart">
      <figcaption>
        <ul className="legend" aria-label="Reasons">
          {used.map(([reason, words]) => (
            <li key={reason}>
              <svg viewBox="0 0 16 16" aria-hidden="true">
                <rect width="16" height="16" className={partClass(reason)} />
                <rect width="16" height="16" fill={`url(#${id}${reason})`} />
              </svg>
              {words}
            </li>
          ))}
        </ul>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`}>
        <title>Touches not sent per day; see the table below.</title>
        <Patterns id={id} />
        <Scale most={most} />
        {bars.map(({ start, counts, total }) => {
          let bottom = BOTTOM;
          const x = LEFT + place(start) * step + step * 0.12;
          return (
            <Link
              key={start}
              to={logAddress({ since: start, until: new Date(Date.parse(start) + DAY_MS).toISOString() })}
              aria-label={`${dayName(start)}: ${total} not sent. Show events`}
            >
              <rect className="bar_room" x={x} y={TOP} width={step * 0.76} height={BOTTOM - TOP} />
              {used.map(([reason]) => {
                const count = counts.get(reason) ?? 0;
                if (count === 0) return null;
                bottom -= height(count);
                const shape = { x, y: bottom, width: step * 0.76, height: height(count) };
                return (
                  <g key={reason}>
                    <rect {...shape} className={partClass(reason)} />
                    <rect {...shape} fill={`url(#${id}${reason})`} />
                  </g>
                );
              })}
            </Link>
          );
        })}
        <DayNames bars={bars} days={days} place={place} step={step} />
      </svg>
    </figure>
  );
}

/** Colors and patterns by position in the list of reasons, so that a new reason has one at once. */
const PART_COLORS = 6;
const MARKS = [
  'M0 4 H8',
  'M0 0 L8 8 M-2 6 L2 10 M6 -2 L10 2',
  '',
  'M0 8 L8 0 M-2 2 L2 -2 M6 10 L10 6',
  'M4 0 V8',
  'M0 4 H8 M4 0 V8',
  'M0 2 H8 M0 6 H8',
];

function partClass(reason: Reason): string {
  const place = REASONS.findIndex(([name]) => name === reason);
  return `part part_${place % PART_COLORS}`;
}

/** Hatches in the paper's color over the color of each part. */
function Patterns({ id }: { id: string }) {
  return (
    <defs>
      {REASONS.map(([reason], place) => (
        <pattern key={reason} id={`${id}${reason}`} width="8" height="8" patternUnits="userSpaceOnUse">
          <path className="hatch" d={MARKS[place % MARKS.length]} />
        </pattern>
      ))}
    </defs>
  );
}

function Scale({ most }: { most: number }) {
  return (
    <g>
      <line className="axis" x1={LEFT} x2={WIDTH} y1={BOTTOM} y2={BOTTOM} />
      <line className="axis axis_top" x1={LEFT} x2={WIDTH} y1={TOP} y2={TOP} />
      <text className="axis_text" x={LEFT - 6} y={TOP + 4} textAnchor="end">
        {most}
      </text>
      <text className="axis_text" x={LEFT - 6} y={BOTTOM + 4} textAnchor="end">
        0
      </text>
    </g>
  );
}

type DayNamesProps = { bars: readonly Bar[]; days: number; place(start: string): number; step: number };

/** As many names as fit. */
function DayNames({ bars, days, place, step }: DayNamesProps) {
  const every = Math.ceil((days + 1) / 10);
  return (
    <g>
      {bars
        .filter(({ start }) => (days - place(start)) % every === 0)
        .map(({ start }) => (
          <text
            key={start}
            className="axis_text"
            x={LEFT + (place(start) + (place(start) === days ? 1 : 0.5)) * step}
            y={BOTTOM + 26}
            textAnchor={place(start) === days ? 'end' : 'middle'}
          >
            {dayName(start)}
          </text>
        ))}
    </g>
  );
}

function dayName(iso: string): string {
  return new Intl.DateTimeFormat('en-US', { day: 'numeric', month: 'short' }).format(
    new Date(Date.parse(iso) + DAY_MS / 2),
  );
}

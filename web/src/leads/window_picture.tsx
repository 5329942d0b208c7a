import './window_picture.css';
import { countWords } from '../ui/count.ts';
import { HOUR_MS } from '../ui/durations.ts';
import { localTime } from '../ui/time.tsx';
import type { Explanation } from './lead.ts';

/* Drawn close to its usual size on screen, so that its labels stay readable. */
const WIDTH = 350;
const HEIGHT = 96;
/** The label of the next slot is below the days. */
const SLOT_HEIGHT = 20;
const LEFT = 6;
const RIGHT = WIDTH - 6;
const BAND_TOP = 34;
const BAND_BOTTOM = 74;
const MIDDLE = (BAND_TOP + BAND_BOTTOM) / 2;

/**
 * Draws the window as a band that ends now, over the lead's days: each touch until it stops counting, and the next
 * slot. The text below repeats everything.
 */
export function WindowPicture({ explanation }: { explanation: Explanation }) {
  const { window, as_of, lead } = explanation;
  const now_ms = Date.parse(as_of);
  const from_ms = now_ms - window.window_hours * HOUR_MS;
  const until_ms = endOf(window, now_ms);
  const x = (ms: number) =>
    LEFT + ((Math.min(Math.max(ms, from_ms), until_ms) - from_ms) / (until_ms - from_ms)) * (RIGHT - LEFT);
  const next_ms = window.next_free_at === null ? null : Date.parse(window.next_free_at);
  const has_slot = next_ms !== null && next_ms > now_ms;
  return (
    <svg
      className="window_picture"
      viewBox={`0 0 ${WIDTH} ${has_slot ? HEIGHT + SLOT_HEIGHT : HEIGHT}`}
      role="img"
      aria-label={wordsOf(explanation)}
    >
      <rect
        className="window_future"
        x={LEFT}
        y={BAND_TOP}
        width={RIGHT - LEFT}
        height={BAND_BOTTOM - BAND_TOP}
        rx="3"
      />
      <rect
        className="window_band"
        x={LEFT}
        y={BAND_TOP}
        width={x(now_ms) - LEFT}
        height={BAND_BOTTOM - BAND_TOP}
        rx="3"
      />
      <Today day={window.day} x={x} />
      <Days from_ms={from_ms} until_ms={until_ms} zone={lead.time_zone} x={x} />
      <line className="window_now" x1={x(now_ms)} x2={x(now_ms)} y1={BAND_TOP - 8} y2={BAND_BOTTOM + 4} />
      {window.touches.map(({ at, leaves_window_at, campaign }, index) => (
        <Touch
          key={`${at} ${campaign}`}
          from_x={x(leaves_window_at === null ? now_ms : Date.parse(at))}
          to_x={leaves_window_at === null ? null : x(Date.parse(leaves_window_at))}
          lane={index}
          number={window.touches.length - index}
        />
      ))}
      <text className="window_label" x={x(now_ms)} y={BAND_TOP - 13} textAnchor="middle">
        now
      </text>
      {has_slot ? <NextSlot at_x={x(next_ms)} now_x={x(now_ms)} /> : null}
    </svg>
  );
}

type Window = Explanation['window'];

/** Extends to the last change ahead: the last touch stops counting, the next slot opens, or the day ends. */
function endOf({ touches, next_free_at, day }: Window, now_ms: number): number {
  const ends = [
    now_ms + 24 * HOUR_MS,
    Date.parse(day.ends_at),
    ...(next_free_at === null ? [] : [Date.parse(next_free_at)]),
    ...touches.flatMap(({ leaves_window_at }) =>
      leaves_window_at === null ? [] : [Date.parse(leaves_window_at)],
    ),
  ];
  return Math.max(...ends) + 6 * HOUR_MS;
}

type Place = { x(ms: number): number };

/** The lead's current day, marked when its cap is reached. */
function Today({ day, x }: { day: Window['day'] } & Place) {
  const [from_x, to_x] = [x(Date.parse(day.starts_at)), x(Date.parse(day.ends_at))];
  const is_full = day.touches_counted >= day.cap;
  return (
    <rect
      className={is_full ? 'window_today window_today_full' : 'window_today'}
      x={from_x}
      y={BAND_TOP}
      width={Math.max(0, to_x - from_x)}
      height={BAND_BOTTOM - BAND_TOP}
    />
  );
}

/** Draws a line at each of the lead's midnights, with the day's name if it fits. */
function Days({ from_ms, until_ms, zone, x }: { from_ms: number; until_ms: number; zone: string } & Place) {
  const midnights = midnightsOf(from_ms, until_ms, zone);
  const format = new Intl.DateTimeFormat('en-US', { weekday: 'short', timeZone: zone });
  return midnights.map((ms, at) => {
    const next_x = x(midnights[at + 1] ?? until_ms);
    return (
      <g key={ms}>
        <line className="window_midnight" x1={x(ms)} x2={x(ms)} y1={BAND_TOP} y2={BAND_BOTTOM + 6} />
        {next_x - x(ms) < 20 ? null : (
          <text className="window_day" x={(x(ms) + next_x) / 2} y={BAND_BOTTOM + 15} textAnchor="middle">
            {format.format(new Date(ms + 12 * HOUR_MS))}
          </text>
        )}
      </g>
    );
  });
}

type TouchProps = { from_x: number; to_x: number | null; lane: number; number: number };

/** A touch and how long it counts. Overlapping touches use separate lanes. */
function Touch({ from_x, to_x, lane, number }: TouchProps) {
  const y = MIDDLE - 11 + (lane % 3) * 11;
  return (
    <g>
      {to_x === null ? null : (
        <>
          <line className="window_counts" x1={from_x} x2={to_x} y1={y} y2={y} />
          <circle className="window_leaves" cx={to_x} cy={y} r="3" />
        </>
      )}
      <circle className="window_touch" cx={from_x} cy={y} r="6" />
      <text className="window_number" x={from_x} y={y + 3} textAnchor="middle">
        {number}
      </text>
    </g>
  );
}

function NextSlot({ at_x, now_x }: { at_x: number; now_x: number }) {
  const is_right = at_x > WIDTH - 60;
  const text_x = Math.max(at_x, now_x + 1);
  return (
    <g>
      <line className="window_slot" x1={at_x} x2={at_x} y1={BAND_TOP - 2} y2={BAND_BOTTOM + 22} />
      <text
        className="window_label window_slot_label"
        x={text_x}
        y={BAND_BOTTOM + 34}
        textAnchor={is_right ? 'end' : 'middle'}
      >
        next slot
      </text>
    </g>
  );
}

/** Finds the lead's midnights between two instants in steps of 15 minutes, since a day may have 23 or 25 hours. */
function midnightsOf(from_ms: number, until_ms: number, timeZone: string): number[] {
  const format = new Intl.DateTimeFormat('en-US', { day: 'numeric', month: 'numeric', timeZone });
  const found: number[] = [];
  const first_ms = Math.ceil(from_ms / (HOUR_MS / 4)) * (HOUR_MS / 4);
  let day = format.format(new Date(first_ms));
  for (let ms = first_ms; ms < until_ms; ms += HOUR_MS / 4) {
    const own = format.format(new Date(ms));
    if (own !== day) found.push(ms);
    day = own;
  }
  return found;
}

function wordsOf({ window, lead, as_of }: Explanation): string {
  const { touches_counted, cap, window_hours, next_free_at, touches, day } = window;
  const when = (iso: string) => localTime(iso, lead.time_zone);
  const each = touches.map(({ at, leaves_window_at }) =>
    leaves_window_at === null
      ? 'one in progress'
      : `one at ${when(at)}, which counts until ${when(leaves_window_at)}`,
  );
  const slot =
    next_free_at === null
      ? 'No touches allowed.'
      : next_free_at <= as_of
        ? '1 touch available now.'
        : `1 touch available from ${when(next_free_at)}.`;
  return [
    `${touches_counted} of ${countWords(cap, 'touch', 'touches')} in the last ${countWords(window_hours, 'hour')}, ${day.touches_counted} of ${day.cap} today.`,
    ...(each.length === 0 ? [] : [`${each.join('; ')}.`]),
    slot,
  ].join(' ');
}

import { Link } from '../ui/link.tsx';
import { reasonName } from '../ui/reasons.ts';
import type { Today } from './use_today.ts';

type Day = Today['last_day'];
type Hour = Day['hours'][number];

const clock_format = new Intl.DateTimeFormat('en-US', { hour: 'numeric', minute: '2-digit' });
const COLUMN = 20;
const BAR = 7;
const HEIGHT = 84;
/** Keeps a single message visible beside hundreds. */
const LEAST = 2;

/** Touches sent and held in the last 24 hours: as a picture and in words. */
export function LastDay({ today }: { today: Today | undefined }) {
  const day = today?.last_day;
  return (
    <section aria-labelledby="last-day">
      <h2 id="last-day">Last 24 hours</h2>
      <Bars hours={day?.hours ?? []} />
      {day === undefined ? <p className="muted"> </p> : <Figures day={day} />}
    </section>
  );
}

function Bars({ hours }: { hours: readonly Hour[] }) {
  const most = Math.max(1, ...hours.flatMap(({ sent, held }) => [sent, held]));
  const height = (count: number) => (count === 0 ? 0 : Math.max(LEAST, (count / most) * HEIGHT));
  return (
    <figure className="day_bars">
      <svg viewBox={`0 0 ${24 * COLUMN} ${HEIGHT + 1}`} preserveAspectRatio="none" aria-hidden="true">
        {hours.map(({ starts_at, sent, held }, at) => (
          <g key={starts_at}>
            <title>{hourWords({ starts_at, sent, held })}</title>
            <rect className="bar_ground" x={at * COLUMN + 1} y={0} width={COLUMN - 2} height={HEIGHT} />
            <rect
              className="bar_sent"
              x={at * COLUMN + 3}
              y={HEIGHT - height(sent)}
              width={BAR}
              height={height(sent)}
            />
            <rect
              className="bar_held"
              x={at * COLUMN + 3 + BAR}
              y={HEIGHT - height(held)}
              width={BAR}
              height={height(held)}
            />
          </g>
        ))}
        <rect className="bar_line" x={0} y={HEIGHT} width={24 * COLUMN} height={1} />
      </svg>
      <figcaption className="day_bars_scale muted" aria-hidden="true">
        <span>{hours[0] === undefined ? ' ' : clock(hours[0])}</span>
        <span>{hours[12] === undefined ? ' ' : clock(hours[12])}</span>
        <span>now</span>
      </figcaption>
    </figure>
  );
}

function Figures({ day }: { day: Day }) {
  const least = day.is_complete ? '' : 'At least ';
  const busy = day.hours.filter(({ sent, held }) => sent + held > 0);
  return (
    <>
      <dl className="day_figures">
        <div>
          <dt>
            <span className="swatch swatch_sent" aria-hidden="true" /> Sent
          </dt>
          <dd>
            {least}
            {day.sent.toLocaleString('en')}
          </dd>
        </div>
        <div>
          <dt>
            <span className="swatch swatch_held" aria-hidden="true" /> Held or blocked
          </dt>
          <dd>
            {least}
            {day.held.toLocaleString('en')}
          </dd>
        </div>
        {day.held_by_reason.map(({ reason, count }) => (
          <div key={reason} className="day_reason">
            <dt>{reasonName(reason)}</dt>
            <dd>{count.toLocaleString('en')}</dd>
          </div>
        ))}
      </dl>
      {busy.length === 0 ? (
        <p className="muted">Nothing sent or held.</p>
      ) : (
        <details>
          <summary>Sent and held by hour</summary>
          <ul className="hours">
            {busy.map((hour) => (
              <li key={hour.starts_at}>{hourWords(hour)}</li>
            ))}
          </ul>
        </details>
      )}
      {day.held === 0 ? null : <Link to="/coordinator">Held by reason</Link>}
    </>
  );
}

function hourWords(hour: Hour): string {
  return `From ${clock(hour)}: ${hour.sent} sent, ${hour.held} held`;
}

function clock({ starts_at }: Hour): string {
  return clock_format.format(new Date(starts_at));
}

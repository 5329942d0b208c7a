import { Meter } from '../ui/meter.tsx';
import type { PlayConfig } from './play.ts';

/** More meters would push the board off the screen; the fullest ones matter. */
const SHOWN_MAX = 8;

/** Active plays and cap of each segment. */
export function SegmentMeters({ config: { segments } }: { config: PlayConfig }) {
  const fullness = ({ active_plays, max_active_plays }: (typeof segments)[number]) =>
    active_plays / max_active_plays;
  const fullest = [...segments].sort((a, b) => fullness(b) - fullness(a)).slice(0, SHOWN_MAX);
  const shown = segments.length > SHOWN_MAX ? fullest : segments;
  if (shown.length === 0) return null;
  return (
    <section className="segment_meters" aria-label="Active plays of each segment">
      <ul className="meters">
        {shown.map(({ segment, name, active_plays, max_active_plays }) => (
          <li key={segment}>
            <Meter label={name} value={active_plays} max={max_active_plays} />
          </li>
        ))}
      </ul>
    </section>
  );
}

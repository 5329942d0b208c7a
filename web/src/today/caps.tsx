import { useQuery } from '@tanstack/react-query';
import { api, read } from '../api/client.ts';
import { Failure } from '../ui/failure.tsx';
import { Link } from '../ui/link.tsx';
import { Meter } from '../ui/meter.tsx';

const REFRESH_MS = 60_000;
const SHOWN = 8;

/** Active plays and cap of each segment, fullest first. */
export function Caps() {
  const config = useQuery({
    queryKey: ['plays', 'config'],
    queryFn: () => read(api.GET('/plays/config')),
    refetchInterval: REFRESH_MS,
  });
  const segments = (config.data?.segments ?? []).toSorted(
    (one, other) =>
      other.active_plays / other.max_active_plays - one.active_plays / one.max_active_plays ||
      one.name.localeCompare(other.name),
  );
  return (
    <section aria-labelledby="caps">
      <h2 id="caps">Active plays</h2>
      <Failure error={config.error} />
      {config.data !== undefined && segments.length === 0 ? (
        <p className="muted">No segments yet. Segments appear with the leads you import.</p>
      ) : null}
      <div className="today_caps">
        {segments.slice(0, SHOWN).map(({ segment, name, active_plays, max_active_plays }) => (
          <Meter key={segment} label={name} value={active_plays} max={max_active_plays} />
        ))}
      </div>
      {segments.length > SHOWN ? <Link to="/plays">All {segments.length} segments</Link> : null}
    </section>
  );
}

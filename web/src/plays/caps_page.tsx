import './plays.css';
import { Failure } from '../ui/failure.tsx';
import { Link } from '../ui/link.tsx';
import { useTitle } from '../ui/title.ts';
import { SegmentCaps } from './segment_caps.tsx';
import { usePlayConfig } from './use_play.ts';

/** The cap of active plays in each segment. */
export function CapsPage() {
  const config = usePlayConfig();
  useTitle('Play caps');
  return (
    <div className="page">
      <p className="crumbs">
        <Link to="/plays">‹ Plays</Link>
      </p>
      <h1>Caps</h1>
      <Failure error={config.error} />
      {config.data === undefined ? <p className="muted">Loading…</p> : <SegmentCaps config={config.data} />}
    </div>
  );
}

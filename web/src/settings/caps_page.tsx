import { SegmentCaps } from '../plays/segment_caps.tsx';
import { usePlayConfig } from '../plays/use_play.ts';
import { Failure } from '../ui/failure.tsx';
import { SettingsPage } from './settings_page.tsx';

/** The cap of active plays in each segment. */
export function CapsSettings() {
  const config = usePlayConfig();
  return (
    <SettingsPage tab="caps">
      <Failure error={config.error} />
      {config.data === undefined ? <p className="muted">Loading…</p> : <SegmentCaps config={config.data} />}
    </SettingsPage>
  );
}

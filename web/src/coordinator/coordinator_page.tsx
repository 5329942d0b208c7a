import './coordinator.css';
import type { ReactNode } from 'react';
import { Tabs } from '../ui/tabs.tsx';
import { useTitle } from '../ui/title.ts';
import { ConflictsView } from './conflicts_view.tsx';
import { HeldView } from './held_view.tsx';
import { LogView } from './log_view.tsx';
import { SuppressionsView } from './suppressions_view.tsx';
import { UnknownView } from './unknown_view.tsx';

const TABS = ['', 'held', 'conflicts', 'suppressions', 'unknown'] as const;
export type CoordinatorTab = (typeof TABS)[number];

const WORDS: Record<CoordinatorTab, string> = {
  '': 'Log',
  held: 'Held',
  conflicts: 'Conflicts',
  suppressions: 'Not sent',
  unknown: 'Unknown',
};

const VIEWS: Record<CoordinatorTab, () => ReactNode> = {
  '': LogView,
  held: HeldView,
  conflicts: ConflictsView,
  suppressions: SuppressionsView,
  unknown: UnknownView,
};

/** Decisions of the coordinator, held touches, and unknown deliveries. */
export function CoordinatorPage({ tab }: { tab: CoordinatorTab }) {
  useTitle(tab === '' ? 'Coordinator' : `${WORDS[tab]} – Coordinator`);
  const View = VIEWS[tab];
  return (
    <div className="page page_wide coordinator">
      <h1>Coordinator</h1>
      <Tabs
        label="Coordinator"
        tabs={TABS.map((other) => ({
          to: other === '' ? '/coordinator' : `/coordinator/${other}`,
          label: WORDS[other],
          is_current: other === tab,
        }))}
      />
      <View />
    </div>
  );
}

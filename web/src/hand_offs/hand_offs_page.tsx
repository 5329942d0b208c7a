import { countText, useToday } from '../today/use_today.ts';
import { useRoute } from '../ui/route.ts';
import { keepScope, ScopeBar, useScope } from '../ui/scope.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { useTitle } from '../ui/title.ts';
import './hand_offs.css';
import { Meetings } from './meetings.tsx';
import { RoutedMeetings } from './routed_meetings.tsx';
import { TasksView } from './tasks_view.tsx';
import { SHOWN, type Shown, TAB_WORDS } from './words.ts';

/** Meetings for a person to route, and the tasks of role agents. */
export function HandOffsPage() {
  const { query } = useRoute();
  useTitle('Hand-offs');
  const shown = SHOWN.find((known) => known === query.get('show')) ?? 'meetings';
  const tabs = <ShownTabs current={shown} />;
  if (shown === 'meetings') return <Meetings asked={query.get('task')} tabs={tabs} />;
  if (shown === 'routed') return <RoutedMeetings tabs={tabs} />;
  return <TasksView key={shown} status={shown} tabs={tabs} />;
}

function ShownTabs({ current }: { current: Shown }) {
  const today = useToday(useScope()).data;
  const counts: Partial<Record<Shown, { count: number; is_more: boolean } | undefined>> = {
    meetings: today?.hand_offs,
    failed: today?.dead_ends,
  };
  const tabs = SHOWN.map((shown) => {
    const count = counts[shown];
    return {
      to: keepScope(shown === 'meetings' ? '/hand-offs' : `/hand-offs?show=${shown}`),
      label: TAB_WORDS[shown],
      is_current: shown === current,
      count: count === undefined || count.count === 0 ? undefined : countText(count),
    };
  });
  return (
    <>
      <Tabs label="Hand-offs and tasks" tabs={tabs} />
      {current === 'meetings' || current === 'routed' ? <ScopeBar /> : null}
    </>
  );
}

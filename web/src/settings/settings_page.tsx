import './settings.css';
import type { ReactNode } from 'react';
import { useMe } from '../sessions/me.ts';
import { Empty } from '../ui/empty.tsx';
import { Link } from '../ui/link.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { useTitle } from '../ui/title.ts';
import { tabsFor } from './tabs.ts';

type SettingsPageProps = {
  /** The name in the address: `policy`, `mailboxes`. */
  tab: string;
  /** Actions for the whole page. */
  actions?: ReactNode;
  children: ReactNode;
};

/** The layout of all settings pages: title and tabs. */
export function SettingsPage({ tab, actions, children }: SettingsPageProps) {
  const me = useMe();
  const tabs = tabsFor(me);
  const current = tabs.find((one) => one.tab === tab);
  useTitle(current === undefined ? 'Settings' : `${current.label}, settings`);
  return (
    <div className="settings">
      <Tabs
        label="Settings"
        tabs={tabs.map((one) => ({
          to: `/settings/${one.tab}`,
          label: one.label,
          is_current: one.tab === tab,
        }))}
      />
      {me !== undefined && current === undefined ? (
        <Empty title="Your roles do not include this page">
          <p>
            Ask an admin for another role. <Link to="/settings/policy">View policy</Link>.
          </p>
        </Empty>
      ) : (
        <div className="page">
          <div className="page_head">
            <h1>{current?.label ?? 'Settings'}</h1>
            {actions}
          </div>
          {current === undefined ? null : children}
        </div>
      )}
    </div>
  );
}

import { type RefObject, useRef } from 'react';
import { Failure } from '../ui/failure.tsx';
import { useKeys } from '../ui/keys.ts';
import { ScopeChoice, useScope } from '../ui/scope.tsx';
import { useTitle } from '../ui/title.ts';
import { Begin } from './begin.tsx';
import { Caps } from './caps.tsx';
import { LastDay } from './last_day.tsx';
import { NeedsOrganization } from './needs_organization.tsx';
import { Notes } from './notes.tsx';
import './today.css';
import { useToday } from './use_today.ts';
import { Waiting } from './waiting.tsx';
import { Warnings } from './warnings.tsx';

/** Pending work, warnings, and the last 24 hours. */
export function TodayPage() {
  const today = useToday(useScope());
  const list = useRef<HTMLUListElement>(null);
  useTitle('Today');
  useKeys({ j: () => step(list, 1), k: () => step(list, -1) });
  return (
    <div className="page page_today">
      <div className="page_head">
        <h1>Today</h1>
        <ScopeChoice />
      </div>
      <Failure error={today.error} />
      <NeedsOrganization today={today.data} />
      <Begin />
      <div className="today">
        <div className="today_main">
          <Waiting today={today.data} list={list} />
          <Warnings today={today.data} />
          <Notes />
        </div>
        <div className="today_side">
          <LastDay today={today.data} />
          <Caps />
        </div>
      </div>
    </div>
  );
}

/** Moves the focus to the next pending item; Enter opens it. */
function step(list: RefObject<HTMLUListElement | null>, by: number): void {
  const links = [...(list.current?.querySelectorAll<HTMLElement>('a') ?? [])];
  const at = links.indexOf(document.activeElement as HTMLElement);
  links[at === -1 ? 0 : Math.max(0, Math.min(at + by, links.length - 1))]?.focus();
}

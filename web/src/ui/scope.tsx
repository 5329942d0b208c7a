import type { ReactNode } from 'react';
import { cache } from '../api/cache.ts';
import { type Me, useMe } from '../sessions/me.ts';
import { Choice } from './choice.tsx';
import { go, useRoute } from './route.ts';

const SCOPES = ['mine', 'team', 'all'] as const;
/** The leads of a list: those that the user owns, those of the user's team, or all. */
export type Scope = (typeof SCOPES)[number];

/** The scope of the address, else the user's default, which the server decides. */
export function useScope(): Scope {
  const me = useMe();
  return scopeOf(useRoute().query, me);
}

/** The same outside of components. */
export function shownScope(): Scope {
  return scopeOf(new URLSearchParams(location.search), cache.getQueryData<{ me: Me }>(['me'])?.me);
}

/** An address of this application that keeps the scope of the current one, and the choice of its pending drafts. */
export function keepScope(to: string): string {
  const query = new URLSearchParams(location.search);
  const url = new URL(to, location.origin);
  for (const name of ['scope', 'pending']) {
    const kept = query.get(name);
    if (kept !== null) url.searchParams.set(name, kept);
  }
  return url.pathname + url.search;
}

/** Chooses the scope of a page. The address keeps it, and forgets which item was open. */
export function ScopeChoice() {
  const scope = useScope();
  const { path, query } = useRoute();
  const choose = (chosen: Scope) => {
    const kept = new URLSearchParams(query);
    for (const item of ['item', 'message', 'task']) kept.delete(item);
    kept.set('scope', chosen);
    go(`${path}?${kept}`, { replace: true });
  };
  return (
    <Choice
      label="Owner"
      value={scope === 'all' ? null : scope}
      otherwise="All"
      options={[
        ['mine', 'Me'],
        ['team', 'My team'],
      ]}
      onChoose={(chosen) => choose(chosen ?? 'all')}
    />
  );
}

/** The same above a list, beside other choices. */
export function ScopeBar({ children }: { children?: ReactNode }) {
  return (
    <div className="scope_bar">
      <ScopeChoice />
      {children}
    </div>
  );
}

function scopeOf(query: URLSearchParams, me: Me | undefined): Scope {
  const asked = query.get('scope');
  return SCOPES.find((known) => known === asked) ?? me?.default_scope ?? 'all';
}

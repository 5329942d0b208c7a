import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api, read } from '../api/client.ts';
import { nameOf } from '../leads/lead.ts';
import { type Me, useMe } from '../sessions/me.ts';
import { mayImport } from '../sessions/roles.ts';
import { mayPlan, tabsFor } from '../settings/tabs.ts';
import { go } from '../ui/route.ts';
import { PLACES } from './places.ts';
import { setTheme, THEME_WORDS, THEMES } from './theme.ts';

/** One option of the palette. */
export type Found = { key: string; label: string; kind: string; act(): void };

const FROM_LETTERS = 2;
const LEADS_SHOWN = 6;
const OTHERS_SHOWN = 5;
const PAUSE_IN_TYPING_MS = 150;

/** The palette's options: pages first, then actions, then results of the server. */
export function usePaletteFinds(typed: string, { onKeys }: { onKeys(): void }): readonly Found[] {
  const q = usePaused(typed, PAUSE_IN_TYPING_MS);
  const is_wanted = q.length >= FROM_LETTERS;
  const leads = useQuery({
    queryKey: ['leads', 'palette', q],
    queryFn: () => read(api.GET('/leads', { params: { query: { q, limit: LEADS_SHOWN } } })),
    enabled: is_wanted,
  });
  const campaigns = useQuery({
    queryKey: ['campaigns', 'palette'],
    queryFn: () => read(api.GET('/campaigns', { params: { query: { limit: 200 } } })),
  });
  const plays = useQuery({
    queryKey: ['plays', 'palette'],
    queryFn: () => read(api.GET('/plays', { params: { query: { limit: 200 } } })),
  });
  const me = useMe();
  const begins = beginningWith(typed);
  return [
    ...byName(PLACES, begins).map(({ to, label }) => found(to, label, 'Page', to)),
    ...(typed === '' ? [] : byName(tabsFor(me), begins)).map(({ tab, label }) =>
      found(tab, label, 'Settings', `/settings/${tab}`),
    ),
    ...actions(me, onKeys).filter(({ label }) => begins(label)),
    ...(is_wanted && q === typed ? (leads.data?.items ?? []) : []).map((lead) =>
      found(lead.id, leadName(lead), 'Lead', `/leads/${lead.id}`),
    ),
    ...(typed === '' ? [] : (campaigns.data?.items ?? []))
      .filter(({ name }) => begins(name))
      .slice(0, OTHERS_SHOWN)
      .map(({ slug, name }) => found(slug, name, 'Campaign', `/campaigns/${slug}`)),
    ...(typed === '' ? [] : (plays.data?.items ?? []))
      .filter(({ name }) => begins(name))
      .slice(0, OTHERS_SHOWN)
      .map(({ play_id, name }) => found(play_id, name, 'Play', `/plays/${play_id}`)),
  ];
}

function actions(me: Me | undefined, onKeys: () => void): Found[] {
  return [
    found('do_not_contact', 'Do not contact', 'Page', '/leads/do-not-contact'),
    ...(mayImport(me) ? [found('import', 'Import leads', 'Action', '/leads/import')] : []),
    ...(mayPlan(me) ? [found('new', 'New campaign', 'Action', '/campaigns/new')] : []),
    { key: 'keys', label: 'Keyboard shortcuts', kind: 'Help', act: onKeys },
    ...THEMES.map((theme) => ({
      key: `theme ${theme}`,
      label: `Theme: ${THEME_WORDS[theme]}`,
      kind: 'Settings',
      act: () => setTheme(theme),
    })),
    { key: 'docs', label: 'API reference', kind: 'Help', act: () => location.assign('/docs') },
  ];
}

function found(key: string, label: string, kind: string, to: string): Found {
  return { key: `${kind} ${key}`, label, kind, act: () => go(to) };
}

/** Items whose label matches come before items with a matching synonym. */
function byName<T extends { label: string; words: string }>(
  all: readonly T[],
  begins: (name: string) => boolean,
): T[] {
  const called = all.filter(({ label }) => begins(label));
  return [...called, ...all.filter((one) => !called.includes(one) && begins(`${one.label} ${one.words}`))];
}

/** Returns a predicate: each typed word must start a word of the name. */
function beginningWith(typed: string): (name: string) => boolean {
  const wanted = typed.toLowerCase().split(/\s+/);
  return (name) => wanted.every((word) => ` ${name.toLowerCase()}`.includes(` ${word}`));
}

type Named = { first_name: string | null; last_name: string | null; email: string; company: string | null };

function leadName(lead: Named): string {
  return lead.company === null ? nameOf(lead) : `${nameOf(lead)}, ${lead.company}`;
}

/** The text after a pause in typing. */
function usePaused(text: string, pause_ms: number): string {
  const [paused, setPaused] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setPaused(text), pause_ms);
    return () => clearTimeout(timer);
  }, [text, pause_ms]);
  return paused;
}

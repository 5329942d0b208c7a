/** A page of the main navigation. `g` and its `letter` open it, as in many mail programs. */
export type Place = {
  to: string;
  label: string;
  letter: string;
  /** Synonyms for the search. */
  words: string;
  isAt(path: string): boolean;
};

export const PLACES: readonly Place[] = [
  place('/', 'Today', 't', 'home warnings'),
  place('/drafts', 'Drafts', 'd', 'approve messages failed'),
  place('/personal', 'Manual sends', 'n', 'personal linkedin calls'),
  place('/replies', 'Replies', 'r', 'inbox answers'),
  place('/hand-offs', 'Hand-offs', 'h', 'handoffs meetings tasks'),
  place('/plays', 'Plays', 'p', ''),
  place('/campaigns', 'Campaigns', 'c', 'sequences steps funnel'),
  place('/leads', 'Leads', 'l', 'contacts prospects people'),
  place('/coordinator', 'Coordinator', 'o', 'log held conflicts suppressions opt out'),
  place('/settings', 'Settings', 's', ''),
  place('/mail', 'Caught mail', 'm', 'outbox sent messages'),
];

function place(to: string, label: string, letter: string, words: string): Place {
  const isAt = (path: string) => path === to || (to !== '/' && path.startsWith(`${to}/`));
  return { to, label, letter, words, isAt };
}

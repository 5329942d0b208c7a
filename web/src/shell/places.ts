/** A page of the main navigation. `letter` goes there after a `g`, as in many mail programs. */
export type Place = { to: string; label: string; letter: string; isAt(path: string): boolean };

export const PLACES: readonly Place[] = [
  place('/', 'Today', 't'),
  place('/drafts', 'Drafts', 'd'),
  place('/replies', 'Replies', 'r'),
  place('/hand-offs', 'Hand-offs', 'h'),
  place('/plays', 'Plays', 'p'),
  place('/campaigns', 'Campaigns', 'c'),
  place('/leads', 'Leads', 'l'),
  place('/coordinator', 'Coordinator', 'o'),
  place('/settings', 'Settings', 's'),
  place('/mail', 'Caught mail', 'm'),
];

function place(to: string, label: string, letter: string): Place {
  const isAt = (path: string) => path === to || (to !== '/' && path.startsWith(`${to}/`));
  return { to, label, letter, isAt };
}

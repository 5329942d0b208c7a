import { useSyncExternalStore } from 'react';

const CHANGED = 'touchline:route';

export type Route = { path: string; query: URLSearchParams };

/** Where the browser is. Re-renders on every move, also on those by the back button. */
export function useRoute(): Route {
  const address = useSyncExternalStore(subscribe, () => location.pathname + location.search);
  const url = new URL(address, location.origin);
  return { path: url.pathname, query: url.searchParams };
}

/**
 * Goes to a path of this application. `replace` leaves no step for the back button. Another page begins at its top, another
 * view of the same one stays where it is.
 */
export function go(to: string, options: { replace?: boolean } = {}): void {
  if (to === location.pathname + location.search + location.hash) return;
  const is_other_page = new URL(to, location.href).pathname !== location.pathname;
  if (options.replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  window.dispatchEvent(new Event(CHANGED));
  if (is_other_page) window.scrollTo(0, 0);
}

function subscribe(onChange: () => void): () => void {
  window.addEventListener('popstate', onChange);
  window.addEventListener(CHANGED, onChange);
  return () => {
    window.removeEventListener('popstate', onChange);
    window.removeEventListener(CHANGED, onChange);
  };
}

import { useSyncExternalStore } from 'react';

const CHANGED = 'touchline:route';

export type Route = { path: string; query: URLSearchParams };

/** The current address. Re-renders on every navigation, including the back button. */
export function useRoute(): Route {
  const address = useSyncExternalStore(subscribe, () => location.pathname + location.search);
  const url = new URL(address, location.origin);
  return { path: url.pathname, query: url.searchParams };
}

/**
 * Opens a path of this application. `replace` adds no history entry. Another page starts at its top; another view of the
 * same page keeps its scroll position.
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

import { useEffect } from 'react';

/** Names the page in the tab of the browser, its history and its bookmarks. */
export function useTitle(name: string): void {
  useEffect(() => {
    document.title = `${name} – Touchline`;
  }, [name]);
}

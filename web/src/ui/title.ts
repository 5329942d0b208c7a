import { useEffect } from 'react';

/** Sets the title of the browser tab, the history entry, and bookmarks. */
export function useTitle(name: string): void {
  useEffect(() => {
    document.title = `${name} – Touchline`;
  }, [name]);
}

import { useEffect, useRef } from 'react';
import { useKeys } from '../ui/keys.ts';
import { go } from '../ui/route.ts';
import { PLACES } from './places.ts';

/** Time after `g` in which a letter opens a page. */
const WAIT_MS = 1_500;

/** `g` and a letter open a page. The letter triggers nothing else. */
export function useGoKeys(): void {
  const began_ms = useRef(0);
  useKeys({
    g: () => {
      began_ms.current = performance.now();
    },
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (began_ms.current === 0 || event.ctrlKey || event.metaKey || event.altKey) return;
      const is_in_time = performance.now() - began_ms.current < WAIT_MS;
      began_ms.current = 0;
      const place = PLACES.find(({ letter }) => letter === event.key);
      if (!is_in_time || place === undefined) return;
      event.preventDefault();
      go(place.to);
    };
    // Runs before the keys of the page, which ignore handled events.
    window.addEventListener('keydown', onKey, { capture: true });
    return () => window.removeEventListener('keydown', onKey, { capture: true });
  }, []);
}

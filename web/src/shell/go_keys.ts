import { useEffect, useRef } from 'react';
import { useKeys } from '../ui/keys.ts';
import { go } from '../ui/route.ts';
import { PLACES } from './places.ts';

/** How long a `g` waits for the letter of a place. */
const WAIT_MS = 1_500;

/** `g` and then the letter of a place goes there. The second key belongs to this pair and does nothing else. */
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
    // Before the keys of the page, which leave alone what was taken here.
    window.addEventListener('keydown', onKey, { capture: true });
    return () => window.removeEventListener('keydown', onKey, { capture: true });
  }, []);
}

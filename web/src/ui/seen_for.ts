import { useEffect, useState } from 'react';

/** Returns whether `what` has been shown for this long, so that a stray key never decides on new content. */
export function useSeenFor(least_ms: number, what: string): boolean {
  const [seen, setSeen] = useState<string | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setSeen(what), least_ms);
    return () => clearTimeout(timer);
  }, [what, least_ms]);
  return seen === what;
}

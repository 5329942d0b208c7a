import { useEffect, useState } from 'react';

/** Whether `what` has been on the screen for so long: what has only just appeared is not decided on by a stray key. */
export function useSeenFor(least_ms: number, what: string): boolean {
  const [seen, setSeen] = useState<string | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setSeen(what), least_ms);
    return () => clearTimeout(timer);
  }, [what, least_ms]);
  return seen === what;
}

import { useEffect, useSyncExternalStore } from 'react';

const SHOWN_MS = 7_000;

let said = { text: '', count: 0 };
const listeners = new Set<() => void>();

/** Announces the result of an action: in the header for a while, and to screen readers. */
export function announce(text: string): void {
  said = { text, count: said.count + 1 };
  for (const listener of listeners) listener();
}

export function Announcer() {
  const { text, count } = useSyncExternalStore(subscribe, () => said);
  useEffect(() => {
    if (text === '') return;
    const timer = setTimeout(() => {
      if (said.count === count) announce('');
    }, SHOWN_MS);
    return () => clearTimeout(timer);
  }, [text, count]);
  return (
    <div className="announcer" role="status" aria-live="polite">
      {text === '' ? null : <p key={count}>{text}</p>}
    </div>
  );
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

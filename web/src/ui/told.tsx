import { type ReactNode, useSyncExternalStore } from 'react';
import { createPortal } from 'react-dom';
import { Announcer } from './announce.tsx';

let place: HTMLElement | null = null;
const listeners = new Set<() => void>();

/** What was just done is told in a place of its own, so that it covers nothing that can be pressed. */
export function ToldPlace() {
  return (
    <div className="told">
      <div className="told_more" ref={setPlace} />
      <Announcer />
    </div>
  );
}

/** Tells there what a page has to say besides, such as a way back. */
export function Told({ children }: { children: ReactNode }) {
  const found = useSyncExternalStore(subscribe, () => place);
  return found === null ? null : createPortal(children, found);
}

function setPlace(element: HTMLElement | null): void {
  place = element;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

import { type ReactNode, useSyncExternalStore } from 'react';
import { createPortal } from 'react-dom';
import { Announcer } from './announce.tsx';

let place: HTMLElement | null = null;
const listeners = new Set<() => void>();

/** Results appear in a place of their own, so that they cover no buttons. */
export function ToldPlace() {
  return (
    <div className="told">
      <div className="told_more" ref={setPlace} />
      <Announcer />
    </div>
  );
}

/** Shows further content there, for example an undo button. */
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

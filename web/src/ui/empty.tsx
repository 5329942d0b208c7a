import type { ReactNode } from 'react';

/** Stands where there is nothing yet: what will appear here, and how to make it appear. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <section className="empty">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

import type { ReactNode } from 'react';

/** An empty state: what will appear here, and how to create it. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <section className="empty">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

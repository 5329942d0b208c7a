import type { AnchorHTMLAttributes, MouseEvent } from 'react';
import { go } from './route.ts';

type LinkProps = AnchorHTMLAttributes<HTMLAnchorElement> & { to: string };

/** A link within the application: a real address, followed without reloading the page. */
export function Link({ to, onClick, ...rest }: LinkProps) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    const is_plain =
      event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (event.defaultPrevented || !is_plain) return;
    event.preventDefault();
    go(to);
  };
  return <a {...rest} href={to} onClick={follow} />;
}

/** A link to another site. Only http and https become links; other values are shown as text. */
export function OutLink({ href, children }: { href: string; children: string }) {
  const is_web = URL.canParse(href) && /^https?:$/.test(new URL(href).protocol);
  if (!is_web) return <span>{children}</span>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}

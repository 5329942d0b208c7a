import type { ComponentProps } from 'react';

/**
 * A button that sends a request. It ignores clicks while busy but keeps the focus: a disabled button would lose it, and
 * keyboard users their place.
 */
export function ActionButton({ is_busy, onClick, ...rest }: ComponentProps<'button'> & { is_busy: boolean }) {
  return (
    <button
      {...rest}
      aria-disabled={is_busy || undefined}
      onClick={(event) => (is_busy ? event.preventDefault() : onClick?.(event))}
    />
  );
}

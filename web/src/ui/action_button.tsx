import type { ComponentProps } from 'react';

/**
 * A button that asks the server for something. While that is under way it does nothing, and keeps the focus: one that is
 * disabled loses it, and with it the place of everyone who works by keyboard.
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

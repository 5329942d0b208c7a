import { useEffect } from 'react';

/** Makes the browser ask before it closes a page with unsaved edits. */
export function useUnsavedGuard(is_unsaved: boolean): void {
  useEffect(() => {
    if (!is_unsaved) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [is_unsaved]);
}

/** Returns whether there are unsaved edits, by the same event the browser fires. */
export function hasUnsaved(): boolean {
  return !window.dispatchEvent(new Event('beforeunload', { cancelable: true }));
}

/** Focuses the first field with an error, once it is marked. */
export function focusFault(form: HTMLElement | null): void {
  requestAnimationFrame(() => {
    const field = form?.querySelector<HTMLElement>('[aria-invalid="true"]');
    field?.closest('details')?.setAttribute('open', '');
    field?.focus();
  });
}

import { useEffect } from 'react';

/** While there is something to lose, the browser asks before it closes the page. */
export function useUnsavedGuard(is_unsaved: boolean): void {
  useEffect(() => {
    if (!is_unsaved) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [is_unsaved]);
}

/** Whether there is something to lose, as the browser would find out. */
export function hasUnsaved(): boolean {
  return !window.dispatchEvent(new Event('beforeunload', { cancelable: true }));
}

/** Goes to the first field with a fault, once it is marked. */
export function focusFault(form: HTMLElement | null): void {
  requestAnimationFrame(() => {
    const field = form?.querySelector<HTMLElement>('[aria-invalid="true"]');
    field?.closest('details')?.setAttribute('open', '');
    field?.focus();
  });
}

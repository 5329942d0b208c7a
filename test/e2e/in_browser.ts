/* Code that runs inside the browser, not in the test. */

/** Scroll position and keyboard focus. */
export const WHERE = `({ scroll_y: window.scrollY, focused: document.activeElement.tagName, text: document.activeElement.textContent })`;
/** True if the browser would close the page without asking. */
export const MAY_CLOSE = `window.dispatchEvent(new Event('beforeunload', { cancelable: true }))`;

export type Listed = {
  items: { id: string; content_hash: string; status: string; requires_personal_send: boolean }[];
};

/** A colleague's change in another window, past the page. */
export async function changeFirstDraft(body: string): Promise<string> {
  const answer = await fetch('/api/v1/drafts?status=drafted&limit=1');
  const { id, content_hash } = ((await answer.json()) as Listed).items[0]!;
  const changed = await fetch(`/api/v1/drafts/${id}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ content_hash, body }),
  });
  return ((await changed.json()) as { content_hash: string }).content_hash;
}

/** The same for the given draft. */
export async function changeDraftTo({ id, body }: { id: string; body: string }): Promise<void> {
  const { content_hash } = (await (await fetch(`/api/v1/drafts/${id}`)).json()) as { content_hash: string };
  await fetch(`/api/v1/drafts/${id}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ content_hash, body }),
  });
}

export async function statusOf(id: string): Promise<string> {
  return ((await (await fetch(`/api/v1/drafts/${id}`)).json()) as { status: string }).status;
}

export async function firstDraft(): Promise<unknown> {
  const answer = await fetch('/api/v1/drafts?status=drafted&limit=1');
  return ((await answer.json()) as Listed).items[0];
}

export async function patchMailbox({ id, body }: { id: string; body: unknown }): Promise<number> {
  const changed = await fetch(`/api/v1/mailboxes/${id}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return changed.status;
}

/** Controls covered by a notice, by their text. */
export const COVERED_BY_NOTICES = `(() => {
  const notices = [...document.querySelectorAll('.announcer p, .toast[data-shown="true"]')].map((one) => one.getBoundingClientRect());
  const pressable = [...document.querySelectorAll('a, button, input, select, textarea, summary, label, [tabindex="0"]')];
  const covers = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  return {
    notices: notices.length,
    covered: pressable
      .filter((one) => one.closest('.told') === null && one.checkVisibility())
      .filter((one) => notices.some((box) => covers(box, one.getBoundingClientRect())))
      .map((one) => one.textContent),
  };
})()`;

import { Refusal } from '../api/refusal.ts';
import { fetchDraft } from './decisions.ts';
import type { DraftDetail } from './entries.ts';

/** No response, or one from a proxy in front of the server. */
const NO_ANSWER: readonly number[] = [0, 502, 503, 504];
const FIRST_PAUSE_MS = 500;
const LAST_PAUSE_MS = 8_000;

/** True if the response was lost, so that the server's decision is unknown. */
export function isLost(error: unknown): boolean {
  return error instanceof Refusal && NO_ANSWER.includes(error.problem.status);
}

/**
 * Resolves to the draft once the server is reachable again. Waits a moment first: the lost request may still arrive. Calls
 * `onDoubt` while the decision is unknown.
 */
export async function readAfterLoss(draft_id: string, onDoubt: () => void): Promise<DraftDetail> {
  for (let pause_ms = FIRST_PAUSE_MS; ; pause_ms = Math.min(2 * pause_ms, LAST_PAUSE_MS)) {
    onDoubt();
    await pauseFor(pause_ms);
    try {
      return await fetchDraft(draft_id);
    } catch (error) {
      if (!isLost(error)) throw error;
    }
  }
}

/** Ends at once when the browser is online again. */
function pauseFor(pause_ms: number): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      window.removeEventListener('online', end);
      resolve();
    };
    const timer = setTimeout(end, pause_ms);
    window.addEventListener('online', end);
  });
}

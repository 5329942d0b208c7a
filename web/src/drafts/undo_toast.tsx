import { useEffect, useRef, useState } from 'react';
import { announce } from '../ui/announce.tsx';
import { useKeys } from '../ui/keys.ts';
import { Told } from '../ui/told.tsx';
import { endUndoables, latestUndoable, type Undoable, useIsUnderWay, useUndoables } from './undo.ts';
import { leavesWords } from './words.ts';

const TICK_MS = 250;

type UndoToastProps = {
  /** `asked_ms`: time of the request, by `performance.now()`; the last approval may have had no response then. */
  onUndo(one: Undoable, asked_ms: number): void;
};

/** The latest approval, with Undo for as long as it works. */
export function UndoToast({ onUndo }: UndoToastProps) {
  const undoables = useUndoables();
  const is_under_way = useIsUnderWay();
  const latest = undoables[0];
  const seconds = useSecondsLeft(latest);
  const is_waiting = useRef(false);
  const undoLatest = async () => {
    // A second press during the first one's wait means the same approval.
    if (is_waiting.current) return;
    const asked_ms = performance.now();
    if (is_under_way) announce('Withdrawing the approval once the server responds.');
    is_waiting.current = true;
    const last = await latestUndoable();
    is_waiting.current = false;
    if (last !== null) onUndo(last, asked_ms);
  };
  useKeys({ u: latest === undefined && !is_under_way ? undefined : undoLatest });
  const others = undoables.length - 1;
  const has_focus = useRef(false);
  useEffect(() => {
    if (latest !== undefined || !has_focus.current) return;
    // The button is gone, so the focus moves to the start of the page.
    has_focus.current = false;
    document.getElementById('content')?.focus();
  }, [latest]);
  return (
    <Told>
      <div className="toast" data-shown={latest !== undefined}>
        <p role="status" aria-live="polite">
          {latest === undefined
            ? null
            : `Approved: ${latest.entry.person}.${others > 0 ? ` And ${others} more.` : ''}`}
          {latest === undefined || latest.leaves_at === null ? null : ` ${leavesWords(latest.leaves_at)}`}
          {latest === undefined ? null : <span className="unseen"> Press U to undo.</span>}
        </p>
        {latest === undefined ? null : (
          <button
            type="button"
            aria-keyshortcuts="U"
            onClick={() => onUndo(latest, performance.now())}
            onFocus={() => {
              has_focus.current = true;
            }}
            onBlur={() => {
              has_focus.current = false;
            }}
          >
            Undo{' '}
            <span className="key" aria-hidden="true">
              U
            </span>
            <span className="toast_seconds" aria-hidden="true">
              {seconds} s
            </span>
          </button>
        )}
      </div>
    </Told>
  );
}

function useSecondsLeft(latest: Undoable | undefined): number {
  const [, tick] = useState(0);
  useEffect(() => {
    if (latest === undefined) return;
    const timer = setInterval(() => {
      endUndoables();
      tick((count) => count + 1);
    }, TICK_MS);
    return () => clearInterval(timer);
  }, [latest]);
  return latest === undefined ? 0 : Math.max(0, Math.ceil((latest.until_ms - performance.now()) / 1_000));
}

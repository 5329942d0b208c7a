import { Told } from '../ui/told.tsx';
import { type Refused, useWaitingRefused } from './refused.ts';

/** A decision that the server did not take, when its touch may not come back on the screen by itself: the way to it. */
export function RefusedToast({ onShow }: { onShow(one: Refused): void }) {
  const waiting = useWaitingRefused();
  return (
    <Told>
      <div className="toast" data-shown={waiting !== undefined}>
        <p role="status" aria-live="polite">
          {waiting === undefined ? null : `${waiting.words}: ${waiting.entry.person}.`}
        </p>
        {waiting === undefined ? null : (
          <button type="button" onClick={() => onShow(waiting)}>
            Show draft
          </button>
        )}
      </div>
    </Told>
  );
}

import { Told } from '../ui/told.tsx';
import { type Refused, useWaitingRefused } from './refused.ts';

/** Links to a refused decision whose touch may not appear unasked. */
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

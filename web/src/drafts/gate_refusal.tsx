import { isRefusal } from '../api/refusal.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { reasonWords } from '../ui/reasons.ts';
import { Time } from '../ui/time.tsx';

type GateRefusalProps = { error: Error | null; is_busy: boolean; onAlreadySent(): void };

/** A gate stopped a manual send: the reason, the allowed time, and how to record a past send. */
export function GateRefusal({ error, is_busy, onAlreadySent }: GateRefusalProps) {
  if (!isRefusal(error, 'gate_refused')) return null;
  const { reason, until } = error.problem;
  return (
    <div className="notice notice_bad" role="alert">
      <p>
        Do not send this now: {typeof reason === 'string' ? reasonWords(reason) : error.problem.detail}.
        {typeof until === 'string' ? (
          <>
            {' '}
            Allowed from <Time iso={until} />.
          </>
        ) : null}
      </p>
      <p>If you already sent it, record it so that it counts toward the caps.</p>
      <ActionButton type="button" onClick={onAlreadySent} is_busy={is_busy}>
        Record as sent
      </ActionButton>
    </div>
  );
}

import { useMutation } from '@tanstack/react-query';
import { cache } from '../api/cache.ts';
import { api, read } from '../api/client.ts';
import type { BounceSeverity } from '../api/schema.d.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { Failure } from '../ui/failure.tsx';
import type { Inbound } from './inbound.ts';

const JUDGEMENTS: readonly { bounce_severity: BounceSeverity; action: string; done: string }[] = [
  { bounce_severity: 'hard', action: 'Suppress address', done: 'Address suppressed.' },
  { bounce_severity: 'soft', action: 'Keep address', done: 'Address kept.' },
  {
    bounce_severity: 'policy',
    action: 'Blame the message',
    done: 'Address kept. The bounce counts for the mailbox.',
  },
];

/** A bounce that no rule knows: a person decides whether the address exists. */
export function JudgeBounce({ message, onLeave }: { message: Inbound; onLeave(): void }) {
  const judging = useMutation({
    mutationFn: (bounce_severity: BounceSeverity) =>
      read(
        api.POST('/inbound/{id}/judge', { params: { path: { id: message.id } }, body: { bounce_severity } }),
      ),
    onSuccess: (_after, bounce_severity) => {
      announce(JUDGEMENTS.find((known) => known.bounce_severity === bounce_severity)?.done ?? '');
      for (const key of ['replies', 'today', 'leads', 'flags']) cache.invalidateQueries({ queryKey: [key] });
      onLeave();
    },
  });
  return (
    <section className="reply_part">
      <h3>Judge this bounce</h3>
      <p className="muted">
        Suppress the address if it does not exist: its enrollments end. Keep the address if it may work later.
        Blame the message if the server rejected the text or the sender.
      </p>
      <Failure error={judging.error} />
      <div className="actions">
        {JUDGEMENTS.map(({ bounce_severity, action }) => (
          <ActionButton
            key={bounce_severity}
            type="button"
            is_busy={judging.isPending && judging.variables === bounce_severity}
            onClick={() => judging.mutate(bounce_severity)}
          >
            {action}
          </ActionButton>
        ))}
      </div>
    </section>
  );
}

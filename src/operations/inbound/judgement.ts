import { z } from 'zod';
import { itemSubject } from '../../coordinator/gate/events.ts';
import { resolveFlags } from '../../coordinator/gate/flags.ts';
import { asCoordinator, type Scope } from '../../coordinator/gate/scope.ts';
import { applyJudgement } from '../../coordinator/inbound/reports.ts';
import { addressOfAttempt, judgeBounce } from '../../db/queries/bounces.gen.ts';
import { lockLeads } from '../../db/queries/facts.gen.ts';
import { type GetInboundResult, getInbound } from '../../db/queries/inbound.gen.ts';
import { getQueueItem } from '../../db/queries/send_queue.gen.ts';
import { AppError } from '../../errors.ts';
import { actorOf } from '../../principal.ts';
import { BOUNCE_SEVERITY_VALUES, type BounceSeverity } from '../../schema.gen.ts';
import { existing, id, requirePerson } from '../fields.ts';
import { operation, transactWork } from '../operation.ts';
import { inboundShape } from './output.ts';

export const judgeBounceOperation = operation({
  name: 'judge_bounce',
  summary:
    'Judge a pending bounce, and apply its effects: a hard one suppresses the address and ends its enrollments.',
  http: { method: 'POST', path: '/inbound/{id}/judge' },
  cli: { command: 'judge bounce', args: ['id', 'bounce_severity'] },
  input: z.object({
    id,
    bounce_severity: z
      .enum(BOUNCE_SEVERITY_VALUES)
      .describe(
        'hard: the address does not exist; soft: it may work later; policy: about the message or its sender',
      ),
  }),
  output: inboundShape,
  errors: 'not_found not_human bounce_handled',
  run: async ({ context, principal, input }) => {
    const user_id = requirePerson(principal, 'Only people judge bounces.');
    return transactWork({ context, principal }, async (scope) => {
      const { tx, org_id, now } = scope;
      const asked = { org_id, id: input.id, task_role: null };
      const found = existing(await getInbound.one(asked, tx), 'message');
      const { lead_id } = found;
      if (lead_id !== null) await lockLeads.run({ org_id, lead_ids: [lead_id] }, tx);
      const said = { org_id, id: input.id, bounce_severity: input.bounce_severity, user_id, now };
      if ((await judgeBounce.run(said, tx)).length === 0) throw notPending(found);
      const handled = { kind: 'reply_waiting', subjects: [input.id], resolution: 'handled' } as const;
      await resolveFlags(scope, { ...handled, by_user_id: user_id });
      await asCoordinator(tx, actorOf(principal), () => take(scope, found, input.bounce_severity));
      return (await getInbound.one(asked, tx))!;
    });
  },
});

async function take(scope: Scope, found: GetInboundResult, severity: BounceSeverity): Promise<void> {
  const { org_id, tx } = scope;
  const { id: inbound_id, lead_id, queue_id, attempt_id, bounced_address } = found;
  if (lead_id === null || queue_id === null || attempt_id === null) return;
  const [item] = await getQueueItem.run({ org_id, id: queue_id }, tx);
  const sent = await addressOfAttempt.one({ org_id, id: attempt_id }, tx);
  if (item === undefined || sent === undefined) return;
  const { mailbox_id, to_id } = sent;
  const is_own = bounced_address === null || bounced_address.toLowerCase() === to_id.toLowerCase();
  const attempt = { id: attempt_id, mailbox_id, bounced_address: is_own ? to_id : bounced_address, is_own };
  await applyJudgement(scope, { inbound_id, lead_id, severity, subject: itemSubject(item), attempt });
}

const notPending = ({ kind }: GetInboundResult) =>
  new AppError(
    'bounce_handled',
    kind === 'bounce' ? 'The bounce is already handled.' : `A message of kind ${kind} is no bounce.`,
    { hint: 'touchline inbound --kind bounce --handled false lists pending bounces.' },
  );

import { z } from 'zod';
import { resolveFlags } from '../../coordinator/gate/flags.ts';
import { rowsJson } from '../../coordinator/gate/rows.ts';
import { asCoordinator, COORDINATOR, type Scope } from '../../coordinator/gate/scope.ts';
import { applyReply, REPLY_INTENTS } from '../../coordinator/inbound/replies.ts';
import { lockLeads } from '../../db/queries/facts.gen.ts';
import { type GetInboundResult, getInbound, handleInbound } from '../../db/queries/inbound.gen.ts';
import { settleTasks } from '../../db/queries/tasks.gen.ts';
import { AppError } from '../../errors.ts';
import { actorOf } from '../../principal.ts';
import { existing, id, kept, requirePerson } from '../fields.ts';
import { findLead } from '../leads/access.ts';
import { operation, transactWork } from '../operation.ts';
import { inboundShape } from './output.ts';

export const handleInboundOperation = operation({
  name: 'handle_inbound',
  summary:
    'Set the intent of a reply, and apply its effects: enrollments end, wait, or stay paused, or a person routes the lead.',
  http: { method: 'POST', path: '/inbound/{id}/handle' },
  cli: { command: 'reply', args: ['id', 'intent'] },
  input: z.object({
    id,
    intent: z.enum(REPLY_INTENTS).describe('intent of the reply'),
    note: z.string().trim().min(1).max(2_000).optional().describe('for colleagues; never quoted in messages'),
    return_date: kept(z.iso.date())
      .optional()
      .describe('out_of_office: when the lead is back; not_now: when to contact the lead again'),
  }),
  output: inboundShape,
  errors: 'not_found inbound_no_answer not_human lead_erased',
  run: async ({ context, principal, input }) => {
    const user_id = requirePerson(principal, 'Only people handle replies here; agents complete their task.');
    const { id, intent, note, return_date } = input;
    return transactWork({ context, principal }, async (scope) => {
      const { tx, org_id, now } = scope;
      const found = existing(await getInbound.one({ org_id, id, task_role: null }, tx), 'message');
      if (REPORTS.has(found.kind)) throw notReply(found);
      // The lead may have been merged since the reply.
      const lead_id = found.lead_id === null ? null : (await findLead(tx, org_id, found.lead_id)).id;
      if (lead_id !== null) await lockLeads.run({ org_id, lead_ids: [lead_id] }, tx);
      const said = { intent, intent_source: 'person' as const, user_id, agent_id: null };
      const rest = { note: note ?? null, return_date: return_date ?? null, now };
      await handleInbound.run({ org_id, id, ...said, ...rest }, tx);
      const handled = { kind: 'reply_waiting', subjects: [id], resolution: 'handled' } as const;
      await resolveFlags(scope, { ...handled, by_user_id: user_id });
      const reply = { intent, ...(note ? { note } : {}), ...(return_date ? { return_date } : {}) };
      if (lead_id !== null) {
        await asCoordinator(tx, actorOf(principal), async () => {
          const { enrollment_id, queue_id } = found;
          const lead = { lead_id, enrollment_id, queue_id, inbound_id: id };
          const result = await applyReply(scope, lead, reply, { kind: 'person', user_id });
          await endTask(scope, found, result);
        });
      }
      return (await getInbound.one({ org_id, id, task_role: null }, tx))!;
    });
  },
});

/** Not replies; their effects are applied on arrival. */
const REPORTS: ReadonlySet<string> = new Set(['bounce', 'delay', 'complaint']);

/** Completes the task, under any claim: a person did the work. */
async function endTask(
  { org_id, tx, clock }: Scope,
  { task_id }: GetInboundResult,
  result: Record<string, string>,
): Promise<void> {
  if (task_id === null) return;
  const rows = rowsJson([{ id: task_id, status: 'done', result }]);
  await settleTasks.run({ org_id, rows, now: clock.now(), claimed_by: COORDINATOR }, tx);
}

const notReply = ({ kind }: GetInboundResult) =>
  new AppError('inbound_no_answer', `A ${kind} is not a reply.`, {
    hint: 'touchline inbound --kind reply lists replies.',
  });

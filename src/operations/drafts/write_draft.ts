/** Drafts by outside agents. People edit with edit_draft, and only people approve. */
import { z } from 'zod';
import { firstDraft, storeFirstDrafts } from '../../coordinator/drafts/touch_drafts.ts';
import { itemSubject, recordEvents } from '../../coordinator/gate/events.ts';
import type { Scope } from '../../coordinator/gate/scope.ts';
import { ADDRESSES, CHANNELS, subjectPresenceFault } from '../../core/channels.ts';
import { draftingContext, getDraft } from '../../db/queries/drafts.gen.ts';
import { type GetQueueItemResult, getQueueItem } from '../../db/queries/send_queue.gen.ts';
import { endClaim, taskOfTouch } from '../../db/queries/tasks.gen.ts';
import { AppError } from '../../errors.ts';
import { actorOf, type Principal } from '../../principal.ts';
import { CHANNEL_VALUES, QUEUE_STATUS_VALUES } from '../../schema.gen.ts';
import { draftBody, id, inputInvalid, noun, subjectLine, underLeadLock } from '../fields.ts';
import { ADDS, operation, transactWork } from '../operation.ts';
import { leaseLost } from '../tasks/access.ts';
import { insertVersion, refuseIfChanged, wrongStatus } from './access.ts';
import { draftContext } from './output.ts';

const input = z.object({
  queue_id: id.describe('the touch, as the claimed task names it'),
  claim_id: id.optional().describe('for the first text: your claim of the task, which this completes'),
  content_hash: z.string().max(64).optional().describe('for a later text: hash of the replaced one'),
  subject: subjectLine.optional().describe('of an email'),
  body: draftBody,
});

type Input = z.output<typeof input>;
type Agent = Extract<Principal, { kind: 'agent' }>;
type OnItem = { scope: Scope; item: GetQueueItemResult; agent: Agent; input: Input };

export const writeDraft = operation({
  name: 'write_draft',
  summary: 'Write the text of a touch for a person to approve. Only for agents, for a task that they hold.',
  http: { method: 'POST', path: '/drafts' },
  mcp: { tool: 'write_draft', title: 'Write a draft', effect: ADDS },
  input,
  output: noun('WrittenDraft', {
    id,
    queue_id: id,
    version: z.number(),
    status: z.enum(QUEUE_STATUS_VALUES),
    channel: z.enum(CHANNEL_VALUES),
    to_id: z.string(),
    subject: z.string().nullable(),
    body: z.string(),
    context: draftContext,
    content_hash: z.string(),
  }),
  errors: `
    not_found task_lease_lost task_of_other_role illegal_status_move draft_changed written_by_person
    no_address`,
  run: async ({ context, principal, input }) => {
    if (principal.kind !== 'agent') throw new AppError('forbidden', 'Only agents write drafts here.');
    if ((input.claim_id === undefined) === (input.content_hash === undefined)) {
      const message = 'give claim_id for the first text, or content_hash for a later one';
      throw inputInvalid({ path: 'claim_id', message });
    }
    return transactWork({ context, principal }, async (scope) => {
      const item = await underLeadLock(scope, getQueueItem, 'touch', input.queue_id);
      const on = { scope, item, agent: principal, input };
      const draft_id =
        input.claim_id === undefined ? await writeAgain(on) : await writeFirst(on, input.claim_id);
      const [written] = await getDraft.run({ org_id: scope.org_id, id: draft_id }, scope.tx);
      return written!;
    });
  },
});

/** Version 1, as the built-in drafter writes it, in the agent's name; completes its task. */
async function writeFirst({ scope, item, agent, input }: OnItem, claim_id: string): Promise<string> {
  const { tx, org_id, clock } = scope;
  const [task] = await taskOfTouch.run({ org_id, queue_id: item.id, claim_id, now: clock.now() }, tx);
  if (task === undefined || task.claimed_by !== agent.agent_id) throw leaseLost();
  const [context] = await draftingContext.run({ org_id, queue_ids: [item.id] }, tx);
  if (context === undefined) throw notPending(item.status);
  const { to_id } = context;
  if (to_id === null) throw noAddress(item);
  const subject = subjectOf(item, input.subject);
  const text = { to_id, subject, body: input.body, template_hash: null, written_by_agent_id: agent.agent_id };
  const draft = firstDraft(scope, context, text);
  const by = { resolution: 'agent', actor: actorOf(agent) } as const;
  await storeFirstDrafts(scope, [{ draft, context }], by);
  const done = { status: 'done', result: { draft_id: draft.id }, error: null, retry_at: null } as const;
  const ended = await endClaim.run({ org_id, id: task.id, claim_id, ...done, now: clock.now() }, tx);
  if (ended.length === 0) throw leaseLost();
  return draft.id;
}

/** A later version over an agent's, until a person decides. A person's text stays (TL060). */
async function writeAgain({ scope, item, agent, input }: OnItem): Promise<string> {
  const { tx, org_id } = scope;
  const current_id = item.staged_draft_id;
  const [current] = current_id === null ? [] : await getDraft.run({ org_id, id: current_id }, tx);
  if (current === undefined) throw leaseLost();
  if (item.status !== 'drafted') throw wrongStatus(current, 'rewritten by an agent');
  if (current.written_by_user_id !== null) throw writtenByPerson();
  refuseIfChanged(current, input.content_hash!);
  const subject = subjectOf(item, input.subject ?? current.subject ?? undefined);
  const { agent_id: written_by_agent_id } = agent;
  const id = await insertVersion(scope, current, { subject, body: input.body }, { written_by_agent_id });
  const edited = { event_type: 'edited', coordinator_action: 'edit', resolution: 'agent' } as const;
  const about = { ...itemSubject({ ...current, id: item.id }), account_id: current.account_id };
  await recordEvents(scope, [{ ...about, ...edited }], { actor: actorOf(agent) });
  return id;
}

function subjectOf({ channel }: GetQueueItemResult, subject: string | undefined): string | null {
  const message = subjectPresenceFault(channel, subject);
  if (message !== null) throw inputInvalid({ path: 'subject', message });
  return subject ?? null;
}

const notPending = (status: string) =>
  new AppError('illegal_status_move', `A touch that is ${status} takes no first text.`, {
    hint: 'Its enrollment ended or its step was removed: nothing to write.',
  });

const writtenByPerson = () =>
  new AppError('written_by_person', 'A person edited this text, so agents no longer write it.', {
    hint: 'Leave the touch to people: they edit, approve or reject it.',
  });

function noAddress({ channel }: GetQueueItemResult): AppError {
  const name = ADDRESSES[CHANNELS[channel].address];
  return new AppError('no_address', `The lead has no ${name}.`, {
    hint: `Give the task back with fail_task and retry: false; a person adds the ${name} or cancels the touch.`,
  });
}

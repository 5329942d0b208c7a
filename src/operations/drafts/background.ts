/** The background of a draft: how it arrives, why now, and the conversation so far. */
import { z } from 'zod';
import { orgPolicy } from '../../coordinator/gate/scope.ts';
import { isPersonal } from '../../core/channels.ts';
import { gateLabel, gateSentence, readTrace } from '../../core/explain/gates.ts';
import { SAYS_WORDS, speaker } from '../../core/explain/words.ts';
import type { Tx } from '../../db/pool.ts';
import * as drafts from '../../db/queries/drafts.gen.ts';
import { existing, id } from '../fields.ts';
import { operation, transact } from '../operation.ts';
import { draftExplanation } from './output.ts';
import { draftBackgroundText } from './text.ts';

/** The newest messages explain the draft; the lead's timeline has all. */
const THREAD_MAX = 20;
/** Replaces the recipient's link, which would unsubscribe them. */
const LINK_PLACE = '(their own link)';

export const explainDraft = operation({
  name: 'explain_draft',
  summary: 'Explain how a draft will arrive, why it is written now, and which messages came before it.',
  http: { method: 'GET', path: '/drafts/{id}/explain' },
  cli: { command: 'explain draft', args: ['id'] },
  input: z.object({ id }),
  output: draftExplanation,
  errors: 'not_found',
  text: draftBackgroundText,
  run: ({ context, principal, input }) =>
    transact({ context, principal }, async ({ tx, org_id }) => {
      const draft = existing(await drafts.getDraft.one({ org_id, id: input.id }, tx), 'draft');
      const { queue_id, lead_id } = draft;
      const own = { org_id, lead_id, limit: THREAD_MAX };
      // Independent, so they run together.
      const [found, decision, sent, received] = await Promise.all([
        drafts.draftBackground.one({ org_id, queue_id }, tx),
        readDecision(tx, org_id, draft),
        drafts.sentToLead.run(own, tx),
        drafts.receivedFromLead.run(own, tx),
      ]);
      const { time_zone, ...known } = found!;
      return {
        ...known,
        id: draft.id,
        step_number: draft.step_number,
        time_zone,
        arrives: arrivalOf(draft, found!, context.public_url),
        decision: decision(time_zone),
        thread: threadOf(sent, received),
      };
    }),
});

/** The same as src/worker/outbound_mail.ts, without the link. */
function arrivalOf(draft: drafts.GetDraftResult, found: drafts.DraftBackgroundResult, public_url: string) {
  const { to_id: to, subject } = draft;
  const is_personal = isPersonal(draft);
  const footer = {
    sender_name: found.organization_name,
    postal_address: found.postal_address,
    unsubscribe_url: `${public_url}/u/ ${LINK_PLACE}`,
  };
  return {
    from_name: is_personal ? null : found.mailbox_display_name,
    from_address: is_personal ? null : found.mailbox_address,
    to,
    subject,
    footer: is_personal ? null : footer,
  };
}

async function readDecision(tx: Tx, org_id: string, { queue_id, lead_id }: drafts.GetDraftResult) {
  const [last, { version, policy }] = await Promise.all([
    drafts.lastDecisionOfItem.one({ org_id, lead_id, queue_id }, tx),
    orgPolicy({ tx, org_id }),
  ]);
  return (time_zone: string) => {
    if (last === undefined || last.moment === null) return null;
    const window_hours = last.policy_version === version ? policy.touch_cap.window_hours : null;
    const about = { window_hours, speaker: speaker({ people: {}, agents: {}, campaigns: {} }, time_zone) };
    const gates = readTrace(last.trace).map((trace) => ({
      gate: trace.gate,
      label: gateLabel(trace.gate),
      says: trace.says,
      verdict: SAYS_WORDS[trace.says] ?? trace.says,
      text: gateSentence(trace, about),
    }));
    return { at: last.timestamp, moment: last.moment, gates };
  };
}

type Sent = Awaited<ReturnType<typeof drafts.sentToLead.run>>[number];
type Received = Awaited<ReturnType<typeof drafts.receivedFromLead.run>>[number];

function threadOf(sent: readonly Sent[], received: readonly Received[]) {
  const ours = sent.flatMap(({ queue_id, at, body, status: _, ...row }) =>
    at === null
      ? []
      : [{ ...row, id: queue_id, at, text: body, direction: 'sent' as const, kind: null, intent: null }],
  );
  const theirs = received.map(({ received_at, queue_id: _, ...row }) => ({
    ...row,
    at: received_at,
    direction: 'received' as const,
    channel: 'email' as const,
    campaign_name: null,
    step_number: null,
    outcome: null,
  }));
  return [...ours, ...theirs].sort((a, b) => a.at.getTime() - b.at.getTime()).slice(-THREAD_MAX);
}

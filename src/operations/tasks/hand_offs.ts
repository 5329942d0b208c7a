/** Booked meetings and requested entries, for the person who routes their leads with route_task. */
import { z } from 'zod';
import { findCampaignForRequest } from '../../coordinator/gate/campaigns.ts';
import type { NewRequest } from '../../coordinator/gate/request_batch.ts';
import { coordinatorActor, type Scope } from '../../coordinator/gate/scope.ts';
import { requestSequences } from '../../coordinator/gate/sequence_requests.ts';
import { exitedFrom, isOpen } from '../../coordinator/tasks/effects.ts';
import type { Queryable } from '../../db/pool.ts';
import * as handOffs from '../../db/queries/hand_offs.gen.ts';
import { campaignSlug } from '../campaigns/definition.ts';
import { existing, id, verdictOf } from '../fields.ts';
import { operation, transact } from '../operation.ts';
import { rowsInScope, scope } from '../ownership.ts';
import { BY_PLACE, pagedList } from '../page.ts';
import { CAMPAIGNS_MAX, decisionOf, gateAnswer, handOffDetail, shownDetail } from './hand_off_output.ts';

const list = pagedList({
  name: 'list_hand_offs',
  summary: 'List booked meetings and requested entries to route, oldest first; or routed ones, newest first.',
  path: '/hand_offs',
  cli: {
    command: 'hand-offs',
    empty:
      'Nothing to route. Booked meetings appear here, and entries into restricted campaigns that were requested.',
    columns: 'type lead_email company from_campaign suggested requested_by requested_by_person created_at id',
  },
  filters: {
    status: z
      .enum(['waiting', 'routed'])
      .default('waiting')
      .describe('routed: a person routed or declined the lead'),
    scope,
  },
  item: handOffDetail,
  order: BY_PLACE,
  rows: async ({ page: { status, scope, ...page }, principal, db }) => {
    const { org_id } = page;
    const lead_ids = await rowsInScope(db, principal, { scope });
    const statement = status === 'routed' ? handOffs.routedHandOffPage : handOffs.handOffPage;
    const ids = (await statement.run({ ...page, lead_ids }, db)).map((row) => row.id);
    const rows = await handOffs.handOffsById.run({ org_id, ids }, db);
    const shown = await withDecisions(db, org_id, rows);
    return rows.map((row, at) => ({ ...shown[at]!, place: placeOf(row, status), place_id: row.id }));
  },
});

const get = operation({
  name: 'get_hand_off',
  summary: 'Show a hand-off and, once it was routed, the gate’s answer for each campaign.',
  http: { method: 'GET', path: '/hand_offs/{id}' },
  cli: { command: 'hand-offs show', args: ['id'] },
  input: z.object({ id }),
  output: handOffDetail,
  errors: 'not_found',
  run: async ({ context: { db }, principal: { org_id }, input }) => {
    const row = await findHandOff(db, org_id, input.id);
    const [shown] = await withDecisions(db, org_id, [row]);
    return shown!;
  },
});

const preview = operation({
  name: 'preview_hand_off',
  summary:
    'Preview the gate’s answer for each campaign that a hand-off could be routed to, in this order. Nothing changes.',
  http: { method: 'POST', path: '/hand_offs/{id}/preview' },
  cli: { command: 'hand-offs preview', args: ['id', 'campaigns'] },
  input: z.object({ id, campaigns: z.array(campaignSlug).min(1).max(CAMPAIGNS_MAX) }),
  output: z.object({ items: z.array(gateAnswer) }),
  errors: 'not_found',
  run: (call) =>
    transact(
      call,
      async (scope) => {
        const task = await findHandOff(scope.tx, scope.org_id, call.input.id);
        return { items: await answersFor(scope, task, [...new Set(call.input.campaigns)]) };
      },
      coordinatorActor(call.principal.org_id),
    ),
});

export const handOffOperations = [list, get, preview] as const;

async function findHandOff(
  db: Queryable,
  org_id: string,
  task_id: string,
): Promise<handOffs.HandOffsByIdResult> {
  return existing(await handOffs.handOffsById.one({ org_id, ids: [task_id] }, db), 'hand-off');
}

/** Order of the list: by booking, or by routing. */
function placeOf(
  { available_at, finished_at }: handOffs.HandOffsByIdResult,
  status: 'waiting' | 'routed',
): Date {
  return status === 'waiting' || finished_at === null ? available_at : finished_at;
}

/** With the results of routed ones. */
async function withDecisions(db: Queryable, org_id: string, rows: readonly handOffs.HandOffsByIdResult[]) {
  const decided = rows.map((row) => ({ row, decision: decisionOf(row) }));
  const ids = decided.flatMap(({ decision }) => decision?.task_ids ?? []);
  const tasks =
    ids.length === 0 ? [] : await handOffs.routedTasks.run({ org_id, ids, limit: ids.length }, db);
  const known = new Map(tasks.map((task) => [task.id, task]));
  return decided.map(({ row, decision }) => shownDetail(row, decision, known));
}

/** In the order in which the owners' tasks will ask: each answer takes the earlier enrollments into account. */
async function answersFor(
  scope: Scope,
  task: handOffs.HandOffsByIdResult,
  slugs: readonly string[],
): Promise<z.input<typeof gateAnswer>[]> {
  const exited = await exitedFrom(scope, task);
  const campaigns = new Map<string, NewRequest>();
  for (const slug of slugs) {
    const campaign = await findCampaignForRequest(scope, slug);
    if (!isOpen(campaign)) continue;
    const { owner_role: requested_by } = campaign;
    // A person who routes the lead has the right.
    const entry = { right: 'routing', task_id: null } as const;
    campaigns.set(slug, { lead_id: task.lead_id, campaign, requested_by, exited, entry });
  }
  const answers = await requestSequences(scope, [...campaigns.values()], { dry_run: true });
  const given = new Map([...campaigns.keys()].map((slug, at) => [slug, answers[at]]));
  return slugs.map((campaign) => {
    const answer = given.get(campaign);
    const none = { campaign, reason: null, until: null, wake: null };
    if (answer === undefined || answer.kind === 'unknown_lead') return { ...none, outcome: 'closed' };
    if (answer.kind !== 'answered') return { ...none, outcome: answer.kind };
    return { campaign, ...verdictOf(answer.decision) };
  });
}

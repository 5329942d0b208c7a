import { z } from 'zod';
import { EXIT_STATUS, exitSequences } from '../../coordinator/cadence/exits.ts';
import { leaveStepOut } from '../../coordinator/cadence/unreachable.ts';
import { type NewEvent, recordEvents } from '../../coordinator/gate/events.ts';
import { rowsJson } from '../../coordinator/gate/rows.ts';
import { asCoordinator, type Scope } from '../../coordinator/gate/scope.ts';
import { resumeAnsweredLead } from '../../coordinator/inbound/answered_leads.ts';
import { UNREACHABLE } from '../../core/gate/unreachable.ts';
import * as enrollments from '../../db/queries/enrollments.gen.ts';
import { AppError } from '../../errors.ts';
import { actorOf } from '../../principal.ts';
import * as schema from '../../schema.gen.ts';
import {
  id,
  instant,
  leadNames,
  noun,
  nullableInstant,
  ownerName,
  reason,
  underLeadLock,
} from '../fields.ts';
import { formerly } from '../former_names.ts';
import { leadFilter } from '../lead_keys.ts';
import { type Call, ENDS, operation, transactWork } from '../operation.ts';
import { rowsInScope, scope } from '../ownership.ts';
import { BY_ID, pagedList } from '../page.ts';
import { campaignIdOf } from './output.ts';

const enrollment = noun('Enrollment', {
  id,
  lead_id: id,
  ...leadNames,
  contact_id: z.string().describe('the CRM’s record id'),
  campaign_id: id,
  campaign_slug: z.string(),
  client_id: z.string(),
  status: z.enum(schema.ENROLLMENT_STATUS_VALUES),
  current_step: z.number(),
  next_send_at: nullableInstant,
  enrolled_at: instant,
  exited_at: nullableInstant,
  exit_reason: z.string().nullable(),
  goal: z.enum(schema.GOAL_VALUES).nullable(),
  notes: z.string().nullable(),
  requested_by: z.string(),
  paused_at: nullableInstant,
  paused_reason: z.string().nullable(),
  paused_until: nullableInstant,
});

const list = pagedList({
  name: 'list_enrollments',
  summary: 'List enrollments.',
  path: '/enrollments',
  cli: {
    command: 'enrollments',
    empty: 'No enrollments. Request one: touchline request --help',
    columns: 'lead_id campaign_slug status current_step next_send_at exit_reason paused_reason id',
  },
  mcp: { tool: 'list_enrollments', title: 'List enrollments' },
  filters: {
    lead_id: leadFilter,
    campaign_slug: formerly('campaign', z.string().max(64).optional()),
    status: z.enum(schema.ENROLLMENT_STATUS_VALUES).optional(),
    scope,
  },
  item: noun('ListedEnrollment', {
    ...enrollment.shape,
    campaign_name: z.string(),
    owner_name: ownerName,
    sequence_type: z.enum(schema.SEQUENCE_TYPE_VALUES),
    step_count: z.number().describe('steps of its campaign'),
    open_step: z.number().nullable().describe('step of the open queue item; current_step follows it'),
    open_status: z.enum(schema.QUEUE_STATUS_VALUES).nullable().describe('status of that queue item'),
  }),
  errors: 'unknown_campaign',
  order: BY_ID,
  rows: async ({ page, principal, db }) => {
    const { org_id, campaign_slug: campaign } = page;
    const lead_ids = await rowsInScope(db, principal, page);
    const found =
      campaign === null
        ? await enrollments.enrollmentPage.run({ ...page, lead_ids }, db)
        : await enrollments.enrollmentPageOfCampaign.run(
            { ...page, lead_ids, campaign_id: await campaignIdOf(db, org_id, campaign) },
            db,
          );
    return enrollments.enrollmentsById.run({ org_id, ids: found.flatMap(({ id }) => id ?? []) }, db);
  },
});

const pause = operation({
  name: 'pause_enrollment',
  summary: 'Pause an enrollment until a person resumes it.',
  http: { method: 'POST', path: '/enrollments/{id}/pause' },
  cli: { command: 'pause', args: ['id'] },
  input: z.object({ id, reason }),
  output: enrollment,
  errors: 'not_found illegal_status_move',
  run: (call) =>
    onEnrollment(call, async (scope, row, event) => {
      if (row.status !== 'active') throw wrongStatus(row, 'paused');
      const paused: Partial<schema.CampaignContactsRow> = {
        org_id: scope.org_id,
        id: row.id,
        paused_at: scope.clock.now(),
        paused_reason: `person: ${call.input.reason}`,
        paused_until: null,
        wake: 'never',
      };
      await enrollments.pauseEnrollments.run({ rows: rowsJson([paused]) }, scope.tx);
      const detail = { reason: call.input.reason };
      return { ...event, event_type: 'paused', coordinator_action: 'pause', resolution: 'person', detail };
    }),
});

const resume = operation({
  name: 'resume_enrollment',
  summary: 'Resume a paused enrollment. Its next touch passes the gate like any other.',
  http: { method: 'POST', path: '/enrollments/{id}/resume' },
  cli: { command: 'resume', args: ['id'] },
  input: z.object({
    id,
    skip_step: z.boolean().default(false).describe('skip the next step, which the lead has no address for'),
  }),
  output: enrollment,
  errors: 'not_found illegal_status_move',
  run: (call) =>
    onEnrollment(call, async (scope, row, event) => {
      if (row.status !== 'paused') throw wrongStatus(row, 'resumed');
      const { skip_step } = call.input;
      if (skip_step && row.paused_reason !== UNREACHABLE) throw notOutOfReach();
      await enrollments.resumeEnrollments.run({ org_id: scope.org_id, ids: [row.id] }, scope.tx);
      if (skip_step)
        await asCoordinator(scope.tx, actorOf(call.principal), () => leaveStepOut(scope, row.id));
      // A person who resumes has read the reply that stopped the lead.
      await resumeAnsweredLead(scope, row.lead_id);
      const detail = skip_step ? { skipped_step: row.current_step } : null;
      return { ...event, event_type: 'resumed', coordinator_action: 'resume', resolution: 'person', detail };
    }),
});

const exit = operation({
  name: 'exit_enrollment',
  summary: 'End an enrollment and follow its campaign’s on_exit map.',
  http: { method: 'POST', path: '/enrollments/{id}/exit' },
  cli: { command: 'exit', args: ['id', 'exit_reason'] },
  mcp: {
    tool: 'exit_enrollment',
    title: 'End a sequence',
    // Its campaign may name a successor.
    effect: { ...ENDS, reaches_out: true },
  },
  input: z.object({
    id,
    exit_reason: z.enum(Object.keys(EXIT_STATUS) as [keyof typeof EXIT_STATUS]).describe('how it ended'),
  }),
  output: enrollment,
  errors: 'not_found illegal_status_move',
  run: (call) =>
    onEnrollment(call, async (scope, row) => {
      if (row.status !== 'active' && row.status !== 'paused') throw wrongStatus(row, 'ended');
      await asCoordinator(scope.tx, actorOf(call.principal), () =>
        exitSequences(scope, [row.id], call.input.exit_reason),
      );
      return null;
    }),
});

export const enrollmentOperations = [list, pause, resume, exit] as const;

type EventBase = Pick<NewEvent, 'lead_id' | 'campaign_id' | 'enrollment_id' | 'step_number'> &
  Pick<NewEvent, 'play_id' | 'originating_proposal_id'>;

/** Acts on an enrollment in one transaction, in the caller's name, under the lead's lock. */
async function onEnrollment(
  call: Call<{ id: string }>,
  act: (scope: Scope, row: enrollments.GetEnrollmentResult, event: EventBase) => Promise<NewEvent | null>,
) {
  const answer = await transactWork(call, async (scope) => {
    const { tx, org_id } = scope;
    const row = await underLeadLock(scope, enrollments.getEnrollment, 'enrollment', call.input.id);
    const { id, lead_id, campaign_id, current_step, play_id, originating_proposal_id } = row;
    const about = { lead_id, campaign_id, enrollment_id: id, step_number: current_step };
    const event = await act(scope, row, { ...about, play_id, originating_proposal_id });
    if (event !== null) await recordEvents(scope, [event], { actor: tx.actor });
    return enrollments.getEnrollment.run({ org_id, id }, tx);
  });
  return answer[0]!;
}

const notOutOfReach = () =>
  new AppError('illegal_status_move', 'The enrollment is not paused for lack of an address.', {
    hint: 'Resume it without skip_step.',
  });

const wrongStatus = (row: enrollments.GetEnrollmentResult, verb: string) =>
  new AppError('illegal_status_move', `An enrollment that is ${row.status} cannot be ${verb}.`, {
    hint: 'List enrollments with touchline enrollments. Enroll the lead again with touchline request.',
  });

import {
  draftBackground,
  draftsOfItems,
  getDraft,
  lastDecisionOfItem,
  receivedFromLead,
  sentToLead,
  waitingDraftPage,
} from '../src/db/queries/drafts.gen.ts';
import { enrollmentsById } from '../src/db/queries/enrollments.gen.ts';
import {
  decisionsBetween,
  eventsBetween,
  eventsOfCampaign,
  leadEventsOfTypes,
} from '../src/db/queries/events.gen.ts';
import * as explanations from '../src/db/queries/explanations.gen.ts';
import { routedTasks } from '../src/db/queries/hand_offs.gen.ts';
import { answeredTouch, eventsAfterAnswer, getInbound, inboundById } from '../src/db/queries/inbound.gen.ts';
import {
  getLead,
  leadSuppressed,
  leadsById,
  nextLeadsOfSegment,
  suppressionsOfLead,
} from '../src/db/queries/leads.gen.ts';
import { mailboxStates } from '../src/db/queries/mailboxes.gen.ts';
import { personalSendsById } from '../src/db/queries/personal_sends.gen.ts';
import { getQueueItem, queueItems } from '../src/db/queries/send_queue.gen.ts';
import { listedTasks } from '../src/db/queries/tasks.gen.ts';
import { START } from './world.ts';

type Keys = { org_id: string; ids: readonly string[]; lead_id: string; now: Date };

/** The statements that find by keys, each with keys of a world: one plan of each is kept, whatever it is asked for. */
export function keptStatements({ org_id, ids, lead_id, now }: Keys) {
  const queue_id = ids[0]!;
  const of_lead = { org_id, lead_id, limit: 50 };
  const before = { before_time: null, before_id: null };
  return [
    [queueItems, { org_id, ids }],
    [mailboxStates, { org_id, ids: ids.slice(0, 2), limit: 51 }],
    [draftsOfItems, { org_id, queue_ids: ids }],
    [draftBackground, { org_id, queue_id: queue_id }],
    [lastDecisionOfItem, { org_id, lead_id: lead_id, queue_id: queue_id }],
    [sentToLead, of_lead],
    [receivedFromLead, of_lead],
    [getLead, { org_id, id: lead_id, email: null }],
    [leadsById, { org_id, ids }],
    [
      nextLeadsOfSegment,
      {
        ...{ org_id, segment: 'x', icp_tier: null, account_id: null, cadence_state: null, blocked: null },
        ...{ after_id: lead_id, ahead: 510, limit: 51 },
      },
    ],
    [leadSuppressed, { org_id, id: lead_id }],
    [explanations.leadEvents, { ...of_lead, ...before }],
    [explanations.leadEnrollments, of_lead],
    [explanations.leadWaitingRequests, of_lead],
    [explanations.leadOpenItems, of_lead],
    [explanations.leadWaitingMeetings, of_lead],
    [explanations.leadFailedTasks, of_lead],
    [suppressionsOfLead, { org_id, id: lead_id, limit: 20 }],
    [explanations.leadTouchesSince, { ...of_lead, since: new Date(START - 7 * 24 * 3_600_000) }],
    [decisionsBetween, { org_id, since: now, before_time: now, before_id: lead_id, limit: 2000 }],
    [eventsBetween, { org_id, since: now, before_time: now, before_id: lead_id, limit: 51 }],
    [
      eventsOfCampaign,
      { org_id, campaign_id: lead_id, since: now, before_time: now, before_id: lead_id, limit: 51 },
    ],
    [leadEventsOfTypes, { ...of_lead, ...before, event_types: ['opted_out'] }],
    [getDraft, { org_id, id: lead_id }],
    [getQueueItem, { org_id, id: queue_id }],
    [inboundById, { org_id, ids }],
    [getInbound, { org_id, id: lead_id, task_role: null }],
    [answeredTouch, { org_id, queue_id: queue_id, attempt_id: null }],
    [eventsAfterAnswer, { ...of_lead, since: now, inbound_id: lead_id, event_types: ['sent'] }],
    [enrollmentsById, { org_id, ids }],
    [waitingDraftPage, { org_id, campaign_id: lead_id, after_id: null, after_scheduled_at: null, limit: 51 }],
    [listedTasks, { org_id, ids }],
    [personalSendsById, { org_id, ids }],
    [routedTasks, { org_id, ids, limit: 50 }],
  ] as const;
}

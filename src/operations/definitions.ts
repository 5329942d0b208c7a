import { agentOperations } from './access/agents.ts';
import { apiKeyOperations } from './access/api_keys.ts';
import { meOperations } from './access/me.ts';
import { sessionOperations } from './access/sessions.ts';
import { signInOperations } from './access/sign_in.ts';
import { userOperations } from './access/users.ts';
import { campaignOperations } from './campaigns/campaigns.ts';
import { clientOperations } from './campaigns/clients.ts';
import { enrollmentOperations } from './campaigns/enrollments.ts';
import { sequenceBatchOperations } from './campaigns/sequence_batches.ts';
import { sequenceRequestOperations } from './campaigns/sequence_requests.ts';
import { draftOperations } from './drafts/drafts.ts';
import { personalSendOperations } from './drafts/personal_sends.ts';
import { writeDraftOperations } from './drafts/write_draft.ts';
import { inboundContextOperations } from './inbound/context.ts';
import { inboundHandlingOperations } from './inbound/handling.ts';
import { inboundOperations } from './inbound/inbound.ts';
import { languageModelOperations } from './inbound/language_model.ts';
import { accountOperations } from './leads/accounts.ts';
import { erasureOperations } from './leads/erase_lead.ts';
import { mentionOperations } from './leads/erased_mentions.ts';
import { explainOperations } from './leads/explain.ts';
import { importOperations } from './leads/imports.ts';
import { leadOperations } from './leads/leads.ts';
import { segmentOperations } from './leads/segments.ts';
import { signalOperations } from './leads/signals.ts';
import { suppressionFileOperations } from './leads/suppression_file.ts';
import { suppressionListOperations } from './leads/suppression_list.ts';
import { suppressionOperations } from './leads/suppressions.ts';
import { analyticsOperations } from './log/analytics.ts';
import { auditOperations } from './log/audit.ts';
import { eventOperations } from './log/events.ts';
import { flagOperations } from './log/flags.ts';
import { notificationOperations } from './log/notifications.ts';
import { todayOperations } from './log/today.ts';
import { playAnalyticsOperations } from './plays/analytics.ts';
import { playConfigOperations } from './plays/config.ts';
import { playOperations } from './plays/plays.ts';
import { playPreviewOperations } from './plays/preview.ts';
import { playReviewOperations } from './plays/review.ts';
import { organizationOperations } from './policy/organization.ts';
import { policyOperations } from './policy/policies.ts';
import { catcherOperations } from './sending/catcher.ts';
import { mailboxOperations } from './sending/mailboxes.ts';
import { sendQueueOperations } from './sending/send_queue.ts';
import { handOffOperations } from './tasks/hand_offs.ts';
import { taskRoutingOperations } from './tasks/routing.ts';
import { taskOperations } from './tasks/tasks.ts';
import { webhookOperations } from './webhooks/webhooks.ts';

/** All operations, without permissions, which registry.ts adds. */
export const definitions = [
  ...signInOperations,
  ...sessionOperations,
  ...meOperations,
  ...todayOperations,
  ...userOperations,
  ...apiKeyOperations,
  ...importOperations,
  ...leadOperations,
  ...erasureOperations,
  ...mentionOperations,
  ...explainOperations,
  ...suppressionOperations,
  ...suppressionListOperations,
  ...suppressionFileOperations,
  ...signalOperations,
  ...accountOperations,
  ...campaignOperations,
  ...playOperations,
  ...playReviewOperations,
  ...playPreviewOperations,
  ...playConfigOperations,
  ...segmentOperations,
  ...clientOperations,
  ...organizationOperations,
  ...playAnalyticsOperations,
  ...sequenceRequestOperations,
  ...sequenceBatchOperations,
  ...enrollmentOperations,
  ...draftOperations,
  ...writeDraftOperations,
  ...personalSendOperations,
  ...sendQueueOperations,
  ...taskOperations,
  ...taskRoutingOperations,
  ...handOffOperations,
  ...inboundOperations,
  ...inboundContextOperations,
  ...inboundHandlingOperations,
  ...eventOperations,
  ...analyticsOperations,
  ...flagOperations,
  ...notificationOperations,
  ...agentOperations,
  ...policyOperations,
  ...languageModelOperations,
  ...mailboxOperations,
  ...webhookOperations,
  ...catcherOperations,
  ...auditOperations,
] as const;

export type OperationName = (typeof definitions)[number]['name'];

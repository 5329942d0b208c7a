import { accountOperations } from './accounts.ts';
import { agentOperations } from './agents.ts';
import { analyticsOperations } from './analytics.ts';
import { apiKeyOperations } from './api_keys.ts';
import { auditOperations } from './audit.ts';
import { campaignOperations } from './campaigns.ts';
import { catcherOperations } from './catcher.ts';
import { clientOperations } from './clients.ts';
import { draftOperations } from './drafts.ts';
import { enrollmentOperations } from './enrollments.ts';
import { erasureOperations } from './erase_lead.ts';
import { mentionOperations } from './erased_mentions.ts';
import { eventOperations } from './events.ts';
import { explainOperations } from './explain.ts';
import { flagOperations } from './flags.ts';
import { handOffOperations } from './hand_offs.ts';
import { importOperations } from './imports.ts';
import { inboundOperations } from './inbound.ts';
import { inboundContextOperations } from './inbound_context.ts';
import { inboundHandlingOperations } from './inbound_handling.ts';
import { languageModelOperations } from './language_model.ts';
import { signalOperations } from './lead_signals.ts';
import { suppressionOperations } from './lead_suppressions.ts';
import { leadOperations } from './leads.ts';
import { mailboxOperations } from './mailboxes.ts';
import { meOperations } from './me.ts';
import { notificationOperations } from './notifications.ts';
import { organizationOperations } from './organization.ts';
import { personalSendOperations } from './personal_sends.ts';
import { playAnalyticsOperations } from './play_analytics.ts';
import { playConfigOperations } from './play_config.ts';
import { playPreviewOperations } from './play_preview.ts';
import { playReviewOperations } from './play_review.ts';
import { playOperations } from './plays.ts';
import { policyOperations } from './policies.ts';
import { segmentOperations } from './segments.ts';
import { sendQueueOperations } from './send_queue.ts';
import { sequenceBatchOperations } from './sequence_batches.ts';
import { sequenceRequestOperations } from './sequence_requests.ts';
import { sessionOperations } from './sessions.ts';
import { signInOperations } from './sign_in.ts';
import { taskRoutingOperations } from './task_routing.ts';
import { taskOperations } from './tasks.ts';
import { todayOperations } from './today.ts';
import { userOperations } from './users.ts';
import { webhookOperations } from './webhooks.ts';
import { writeDraftOperations } from './write_draft.ts';

/** Every verb of the product, without who may: registry.ts adds that. */
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

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
import { writeDraft } from './drafts/write_draft.ts';
import { getInboundContext } from './inbound/context.ts';
import { handleInboundOperation } from './inbound/handling.ts';
import { inboundOperations } from './inbound/inbound.ts';
import { judgeBounceOperation } from './inbound/judgement.ts';
import { getLanguageModel } from './inbound/language_model.ts';
import { addSuggestedLead } from './inbound/suggested_lead.ts';
import { accountOperations } from './leads/accounts.ts';
import { leadAddressOperations } from './leads/addresses.ts';
import { assignmentOperations } from './leads/assigning.ts';
import { assignmentRuleOperations } from './leads/assignment_rules.ts';
import { crmDeletionOperations } from './leads/crm_deletion.ts';
import { erasureOperations } from './leads/erase_lead.ts';
import { mentionOperations } from './leads/erased_mentions.ts';
import { explainOperations } from './leads/explain.ts';
import { importLeads } from './leads/imports.ts';
import { leadOperations } from './leads/leads.ts';
import { lineageOperations } from './leads/lineage.ts';
import { leadMergeOperations } from './leads/merges.ts';
import { opportunityOperations } from './leads/opportunities.ts';
import { opportunityFileOperations } from './leads/opportunity_file.ts';
import { serviceRecordOperations } from './leads/service_records.ts';
import { signalOperations } from './leads/signals.ts';
import { suppressionFileOperations } from './leads/suppression_file.ts';
import { suppressionListOperations } from './leads/suppression_list.ts';
import { listLeadSuppressions } from './leads/suppressions.ts';
import { analyticsOperations } from './log/analytics.ts';
import { auditOperations } from './log/audit.ts';
import { eventOperations } from './log/events.ts';
import { flagOperations } from './log/flags.ts';
import { notificationOperations } from './log/notifications.ts';
import { todayOperations } from './log/today.ts';
import { playAnalyticsOperations } from './plays/analytics.ts';
import { playConfigOperations } from './plays/config.ts';
import { outcomeOperations } from './plays/outcomes.ts';
import { playOperations } from './plays/plays.ts';
import { previewPlayOperation } from './plays/preview.ts';
import { playReviewOperations } from './plays/review.ts';
import { crmOperations } from './policy/crm.ts';
import { crmWriteOperations } from './policy/crm_writes.ts';
import { organizationOperations } from './policy/organization.ts';
import { policyOperations } from './policy/policies.ts';
import { listCaughtMessages } from './sending/catcher.ts';
import { mailboxOperations } from './sending/mailboxes.ts';
import { sendQueueOperations } from './sending/send_queue.ts';
import { handOffOperations } from './tasks/hand_offs.ts';
import { routeTask } from './tasks/routing.ts';
import { taskOperations } from './tasks/tasks.ts';
import { notificationPreferenceOperations } from './webhooks/notification_preferences.ts';
import { webhookOperations } from './webhooks/webhooks.ts';

/** All operations, without permissions, which registry.ts adds. */
export const definitions = [
  ...signInOperations,
  ...sessionOperations,
  ...meOperations,
  ...todayOperations,
  ...userOperations,
  ...apiKeyOperations,
  importLeads,
  ...leadOperations,
  ...assignmentOperations,
  ...assignmentRuleOperations,
  ...erasureOperations,
  ...mentionOperations,
  ...explainOperations,
  listLeadSuppressions,
  ...leadAddressOperations,
  ...leadMergeOperations,
  ...suppressionListOperations,
  ...suppressionFileOperations,
  ...signalOperations,
  ...opportunityOperations,
  ...opportunityFileOperations,
  ...lineageOperations,
  ...serviceRecordOperations,
  ...accountOperations,
  ...campaignOperations,
  ...playOperations,
  ...playReviewOperations,
  previewPlayOperation,
  ...playConfigOperations,
  ...clientOperations,
  ...crmOperations,
  ...crmWriteOperations,
  ...crmDeletionOperations,
  ...organizationOperations,
  ...playAnalyticsOperations,
  ...outcomeOperations,
  ...sequenceRequestOperations,
  ...sequenceBatchOperations,
  ...enrollmentOperations,
  ...draftOperations,
  writeDraft,
  ...personalSendOperations,
  ...sendQueueOperations,
  ...taskOperations,
  routeTask,
  ...handOffOperations,
  ...inboundOperations,
  getInboundContext,
  handleInboundOperation,
  judgeBounceOperation,
  addSuggestedLead,
  ...eventOperations,
  ...analyticsOperations,
  ...flagOperations,
  ...notificationOperations,
  ...agentOperations,
  ...policyOperations,
  getLanguageModel,
  ...mailboxOperations,
  ...webhookOperations,
  ...notificationPreferenceOperations,
  listCaughtMessages,
  ...auditOperations,
] as const;

export type OperationName = (typeof definitions)[number]['name'];

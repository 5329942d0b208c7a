import { accountOperations } from './accounts.ts';
import { agentOperations } from './agents.ts';
import { campaignOperations } from './campaigns.ts';
import { catcherOperations } from './catcher.ts';
import { draftOperations } from './drafts.ts';
import { enrollmentOperations } from './enrollments.ts';
import { eventOperations } from './events.ts';
import { explainOperations } from './explain.ts';
import { flagOperations } from './flags.ts';
import { importOperations } from './imports.ts';
import { leadOperations } from './leads.ts';
import { mailboxOperations } from './mailboxes.ts';
import { notificationOperations } from './notifications.ts';
import type { Operation } from './operation.ts';
import { policyOperations } from './policies.ts';
import { sendQueueOperations } from './send_queue.ts';
import { sequenceRequestOperations } from './sequence_requests.ts';
import { sessionOperations } from './sessions.ts';
import { taskOperations } from './tasks.ts';

/** Every verb of the product. The surfaces are made from this list and from nothing else. */
export const registry = [
  ...sessionOperations,
  ...importOperations,
  ...leadOperations,
  ...explainOperations,
  ...accountOperations,
  ...campaignOperations,
  ...sequenceRequestOperations,
  ...enrollmentOperations,
  ...draftOperations,
  ...sendQueueOperations,
  ...taskOperations,
  ...eventOperations,
  ...flagOperations,
  ...notificationOperations,
  ...agentOperations,
  ...policyOperations,
  ...mailboxOperations,
  ...catcherOperations,
] as unknown as readonly Operation[];

import type { Logger } from 'pino';
import type { Clock } from './clock.ts';
import type { DnsRecords, MailCatcher, MailSender, WebhookSender } from './connectors/connector.ts';
import type { CrmConnector } from './connectors/crm/port.ts';
import type { LanguageModel } from './connectors/language_model.ts';
import type { MailOauth } from './connectors/oauth_port.ts';
import type { ActingDb, Pool } from './db/pool.ts';
import type { ProcessLock } from './db/process_lock.ts';
import type { MailReader } from './mail/messages.ts';
import type { Metrics, Tracer } from './telemetry/ports.ts';
import type { Templates } from './templates/port.ts';

/** Everything that a process and its worker use. A plain object, made in runtime.ts; no container. */
export type Context = {
  /** Names no actor: each piece of work begins with its own. */
  db: Pool;
  clock: Clock;
  log: Logger;
  /** Key for tokens and Message-IDs. */
  secret: string;
  /** Base URL of public links, without a trailing slash. */
  public_url: string;
  /** Only in the embedded mode. */
  catcher: MailCatcher | null;
  /** Tests outgoing mail connections and sends a test message to a user; absent if this process has none. */
  mail?: Pick<MailSender, 'verify'> & Partial<Pick<MailSender, 'send'>>;
  /** Reads inbound mail. */
  readMail: MailReader;
  /** Checks and fills templates, each within its budget. */
  templates: Templates;
  /** Drafts messages and classifies replies; absent without a model, in which case templates draft. */
  model?: LanguageModel;
  /** Posts to webhook receivers; absent if this process does not deliver. */
  webhooks?: WebhookSender;
  /** Obtains tokens for mailboxes with OAuth sign-in; absent if this process obtains none. */
  mail_oauth?: MailOauth;
  /** Connects to the CRM; absent if this process connects to none. */
  crm?: CrmConnector;
  /** Reads DKIM records from DNS; absent if this process queries none. */
  dns?: Pick<DnsRecords, 'txt'>;
  /** Whether users may sign in at an identity provider. */
  has_sso?: boolean;
  /** Metrics; absent without a reader. */
  metrics?: Metrics;
  /** The current place in a trace; absent without tracing. */
  tracer?: Tracer;
  /** Shows the database that this process is alive; absent where leases end only by time. */
  process?: ProcessLock;
  /** Wakes the worker in this process, as a hint: polling works without it. */
  nudge: () => void;
};

/** The context of an operation: statements on `db` run in the caller's name. */
export type OperationContext = Omit<Context, 'db'> & { db: ActingDb };

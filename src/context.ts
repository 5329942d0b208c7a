import type { Logger } from 'pino';
import type { Clock } from './clock.ts';
import type { DnsRecords, MailCatcher, MailSender } from './connectors/connector.ts';
import type { LanguageModel } from './connectors/language_model.ts';
import type { MailOauth } from './connectors/oauth_port.ts';
import type { WebhookSender } from './connectors/webhook_port.ts';
import type { ActingDb, Pool } from './db/pool.ts';
import type { ProcessLock } from './db/process_lock.ts';
import type { MailReader } from './mail/messages.ts';
import type { Metrics, Tracer } from './telemetry/ports.ts';
import type { Templates } from './templates/port.ts';

/** What a process works with, and its worker. A plain object, made in runtime.ts; no container. */
export type Context = {
  /** Says nothing of who acts: each piece of work begins with its actor. */
  db: Pool;
  clock: Clock;
  log: Logger;
  /** Key for tokens and Message-IDs. */
  secret: string;
  /** Base of the links that leave the house, without a slash at the end. */
  public_url: string;
  /** Only in the embedded mode. */
  catcher: MailCatcher | null;
  /** Tries out the connections that mail leaves by, and sends a person a test message; absent where this process knows none. */
  mail?: Pick<MailSender, 'verify'> & Partial<Pick<MailSender, 'send'>>;
  /** Reads what comes back. */
  readMail: MailReader;
  /** Checks and fills templates, each within its budget. */
  templates: Templates;
  /** Writes drafts and guesses what answers mean; absent where none is connected, and templates do. */
  model?: LanguageModel;
  /** Posts to receivers of webhooks; absent where this process does not. */
  webhooks?: WebhookSender;
  /** Gets tokens for mailboxes that log in by OAuth; absent where this process gets none. */
  mail_oauth?: MailOauth;
  /** Reads what DNS says of our signatures; absent where this process asks none. */
  dns?: Pick<DnsRecords, 'txt'>;
  /** Whether people may sign in at an identity provider. */
  has_sso?: boolean;
  /** Counts; absent where nobody reads them. */
  metrics?: Metrics;
  /** Where in a trace this is; absent where nobody traces. */
  tracer?: Tracer;
  /** Shows the database that this process lives; absent where nobody asks, and leases end by their time alone. */
  process?: ProcessLock;
  /** Wakes the worker in this process, as a hint: polling suffices without it. */
  nudge: () => void;
};

/** What an operation works with: statements on `db` are in the name of whoever asked for it. */
export type OperationContext = Omit<Context, 'db'> & { db: ActingDb };

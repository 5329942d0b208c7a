import type { Logger } from 'pino';
import { type Clock, startClock } from '../clock.ts';
import type { Config } from '../config.ts';
import { startCatcher } from '../connectors/catcher.ts';
import type { MailCatcher } from '../connectors/connector.ts';
import { crmConnector } from '../connectors/crm/connector.ts';
import { dnsRecords } from '../connectors/dns.ts';
import { languageModel } from '../connectors/llm.ts';
import { mailOauth } from '../connectors/mail_oauth.ts';
import { webhookSender } from '../connectors/webhook.ts';
import type { Context } from '../context.ts';
import { DAY_MS } from '../core/durations.ts';
import { systemDb } from '../db/acting.ts';
import { type EmbeddedPostgres, startEmbedded } from '../db/embedded.ts';
import { SERVER_STOP_MAX_MS } from '../db/embedded_server.ts';
import { hintSender, listenForHints } from '../db/hints.ts';
import { openOwnerPool } from '../db/open.ts';
import type { Pool } from '../db/pool.ts';
import { holdProcessLock } from '../db/process_lock.ts';
import { latestTime } from '../db/queries/events.gen.ts';
import { listOrganizations } from '../db/queries/principals.gen.ts';
import { simulateClock } from '../db/queries/simulated_clock.gen.ts';
import { openAppPool } from '../db/roles.ts';
import { AppError } from '../errors.ts';
import { readMail } from '../mail/read_mail.ts';
import { bringUpToDate, databaseMissing } from '../setup/schema.ts';
import { readSecret } from '../setup/secret.ts';
import { openLog, standardError } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/ports.ts';
import { openTelemetry } from '../telemetry/tracing.ts';
import { openTemplates } from '../templates/threads.ts';
import { startWorker } from '../worker/loop.ts';
import { startSchedule } from '../worker/schedule.ts';
import { longestSendMs, SEND_SETTINGS } from '../worker/send_settings.ts';
import { AHEAD_MAX_MS, mailSender, startReceivers, verifierOf } from './mail_servers.ts';

const ORGS_MAX = 10_000;
/** Per attempt, of two: a person waits for the answer. */
const DNS_WAIT_MS = 1_500;

/** Everything that runs in this process, and how to end it. */
export type Runtime = {
  context: Context;
  db: Pool;
  embedded: EmbeddedPostgres | null;
  startWorker(): void;
  /** Calls `wake` for each process's hint that there may be new work. */
  onHint(wake: () => void): void;
  onStop: OnStop;
  stop(): Promise<void>;
};

/** Adds a closer that runs before all existing ones. `wait_ms`: how long the stop waits for it at most. */
type OnStop = (close: () => Promise<void>, wait_ms?: number) => void;

export type RuntimeOptions = {
  config: Config;
  /** Simulated seconds per second; any value but 1 needs the embedded database. */
  speed: number;
  /** May start its own database and catcher. */
  embedded: boolean;
  say: (line: string) => void;
  /** Requests the end during the start: what has started is stopped, and its reason is thrown. */
  stopping?: AbortSignal;
};

/**
 * Starts what every mode needs: database (migrated), clock, mail. On a failure, stops what had started. Throws `AppError`s
 * that name the next step.
 */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { config, speed, say, stopping } = options;
  refuseSpeed(config, speed);
  const closers: Required<Parameters<OnStop>>[] = [];
  const onStop: OnStop = (close, wait_ms = CLOSE_WAIT_MS) => void closers.push([close, wait_ms]);
  let database: EmbeddedPostgres | null = null;
  const stop = async () => {
    await database?.announceStop();
    for (const [close, wait_ms] of closers.splice(0).reverse()) {
      if (!(await within(wait_ms, close())))
        say(`A component did not stop within ${wait_ms / 1_000} s and was cut off.`);
    }
  };
  try {
    const level = config.log_level ?? (options.embedded ? 'warn' : 'info');
    const log = openLog(level, standardError());
    const embedded = await startDatabase(options, onStop);
    database = embedded;
    stopping?.throwIfAborted();
    const owner_url = embedded?.url ?? config.database_url;
    if (owner_url === null) throw databaseMissing();
    await bringUpToDate(owner_url, { log, say });
    stopping?.throwIfAborted();
    const url = embedded?.app_url ?? owner_url;
    const db = await openAppPool({
      url,
      max: 20,
      on_error: (error) => log.warn({ err: error }, 'an idle database connection failed'),
    });
    onStop(() => db.close());
    const process = holdProcessLock(url);
    onStop(() => process.close());
    const { close, ...telemetry } = await openTelemetry({ otel: config.otel, log, pool: db.stats });
    onStop(close);
    const clock = await openClock(db, owner_url, options);
    const catcher = await openCatcher(config, options, clock, onStop);
    // Without a worker in this process, hints go to the workers in others.
    const hints = hintSender(db);
    onStop(async () => hints.close());
    const context: Context = {
      db,
      clock,
      log,
      secret: await readSecret(config),
      public_url: config.public_url ?? `http://${config.host}:${config.port}`,
      catcher,
      ...verifierOf(config, catcher, clock),
      ...modelOf(config, speed),
      ...askersOf(config, embedded, speed, onStop),
      ...telemetry,
      readMail,
      templates: templatesOf(log, telemetry.metrics, onStop),
      dns: dnsRecords({ timeout_ms: DNS_WAIT_MS }),
      process,
      nudge: hints.send,
    };
    return {
      context,
      db,
      embedded,
      startWorker: () => {
        runWorker(context, config, url, onStop);
        startReceivers(context, config, onStop);
        runSchedule(context, url, onStop);
      },
      onHint: (wake) => {
        const listening = listenForHints(url, wake);
        onStop(() => listening.close());
      },
      onStop,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Checks and fills templates; counts and logs jobs over budget, without their content. */
function templatesOf(log: Logger, metrics: Metrics, onStop: OnStop): Context['templates'] {
  const templates = openTemplates((over) => {
    metrics.overBudget(over);
    log.warn(over, 'a template or file exceeded its budget');
  });
  onStop(() => templates.close());
  return templates;
}

/** Ports that call addresses chosen by others. */
function askersOf(
  config: Config,
  embedded: EmbeddedPostgres | null,
  speed: number,
  onStop: OnStop,
): Required<Pick<Context, 'webhooks' | 'mail_oauth' | 'crm'>> {
  // Targets on this machine are for trying things out, not for webhooks on a shared server.
  const allow_local = config.local_webhooks && embedded !== null && !config.production;
  const webhooks = webhookSender({ allow_local });
  const mail_oauth = mailOauth({ allow_local });
  onStop(() => webhooks.close());
  onStop(() => mail_oauth.close());
  const crm = crmConnector({ allow_local, only_local: speed > 1 });
  return { webhooks, mail_oauth, crm };
}

/** An open connection must not delay Ctrl-C; what is cut off is as safe as after a crash. */
const CLOSE_WAIT_MS = 10_000;

async function within(wait_ms: number, closing: Promise<void>): Promise<boolean> {
  const timer = Promise.withResolvers<boolean>();
  const timeout = setTimeout(timer.resolve, wait_ms, false);
  return Promise.race([closing.then(() => true), timer.promise]).finally(() => clearTimeout(timeout));
}

function refuseSpeed(config: Config, speed: number): void {
  if (!Number.isFinite(speed) || speed < 1 || speed > 1_000_000) {
    throw new AppError(
      'speed_invalid',
      'Option --speed must be a number from 1 to 1000000: simulated seconds per second.',
    );
  }
  if (speed === 1 || (config.database_url === null && config.smtp_url === null && !config.production)) return;
  throw new AppError('speed_refused', 'A fast clock is for trials only.', {
    hint: 'Use it without DATABASE_URL, SMTP_URL and NODE_ENV=production: on the embedded database and catcher.',
  });
}

async function startDatabase(
  { config, embedded, say }: RuntimeOptions,
  onStop: OnStop,
): Promise<EmbeddedPostgres | null> {
  if (config.database_url !== null) return null;
  if (!embedded) throw databaseMissing();
  say('Starting PostgreSQL ...');
  const server = await startEmbedded({ data_dir: config.data_dir, log: say });
  onStop(() => server.stop(), SERVER_STOP_MAX_MS);
  return server;
}

/**
 * The clock never goes back before its latest stored time: data of a fast run stays ahead. Real mail must not be dated,
 * counted, or held by such a clock, so it is refused there.
 */
async function openClock(db: Pool, owner_url: string, options: RuntimeOptions): Promise<Clock> {
  const { config, speed, embedded, say } = options;
  const latest_ms = await newestTime(db);
  const real_ms = startClock().now_ms();
  const ahead_ms = latest_ms - real_ms;
  if (ahead_ms > AHEAD_MAX_MS) {
    const days = (ahead_ms / DAY_MS).toFixed(1);
    const hint = 'Use another database or TOUCHLINE_DATA_DIR for real mail, or wait until that date.';
    const detail = `This data was created at speed: its clock is ${days} days ahead.`;
    if (!embedded || config.database_url !== null || config.smtp_url !== null) {
      throw new AppError('clock_ahead', detail, { hint });
    }
    say(`${detail} The clock continues from there; another TOUCHLINE_DATA_DIR starts at today.`);
  }
  if (speed > 1 || ahead_ms > AHEAD_MAX_MS) await reportSimulatedClock(owner_url, new Date(real_ms));
  return startClock({ start_ms: real_ms + Math.max(0, ahead_ms), speed });
}

/** Unless the owner of its tables declares it, the database accepts only times of its own clock. */
async function reportSimulatedClock(url: string, now: Date): Promise<void> {
  const owner = await openOwnerPool({ url, max: 1 });
  await simulateClock.run({ now }, owner).finally(() => owner.close());
}

/** The newest time in the event logs and audits of all organizations; 0 if there is none. */
async function newestTime(db: Pool): Promise<number> {
  let latest_ms = 0;
  for (const { org_id } of await listOrganizations.run({ limit: ORGS_MAX }, systemDb(db))) {
    const [row] = await latestTime.run({ org_id }, systemDb(db, org_id));
    latest_ms = Math.max(latest_ms, row?.latest?.getTime() ?? 0);
  }
  return latest_ms;
}

async function openCatcher(
  config: Config,
  options: RuntimeOptions,
  clock: Clock,
  onStop: OnStop,
): Promise<MailCatcher | null> {
  if (config.smtp_url !== null || !options.embedded) return null;
  const catcher = await startCatcher({ clock, dir: config.data_dir });
  onStop(() => catcher.close());
  return catcher;
}

function runWorker(context: Context, config: Config, url: string, onStop: OnStop): void {
  const mail = mailSender(config, context.catcher, context.clock);
  if (mail === null) {
    throw new AppError('mailbox_missing', 'SMTP_URL is not set.', {
      hint: 'Set it to your mail server: smtps://user:password@mail.example.com',
    });
  }
  onStop(() => mail.close());
  const worker = startWorker(context, mail, SEND_SETTINGS);
  context.nudge = worker.nudge;
  const hints = listenForHints(url, worker.nudge);
  onStop(() => hints.close());
  // The current message is finished and recorded, however slow its server: cut off, its delivery would be unknown.
  onStop(() => worker.stop(), longestSendMs(SEND_SETTINGS));
  context.log.debug('worker started');
}

/** A fast clock outruns real-time cron: then the worker runs the checks in its rounds. */
function runSchedule(context: Context, url: string, onStop: OnStop): void {
  if (context.clock.speed > 1) return;
  const schedule = startSchedule(context, { url });
  onStop(() => schedule.stop());
}

/** Models are too slow for a fast clock. */
function modelOf({ llm }: Config, speed: number): Pick<Context, 'model'> {
  return llm === null || speed > 1 ? {} : { model: languageModel(llm) };
}

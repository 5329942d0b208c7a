import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Config, readConfig } from './config.ts';
import { accessTokens } from './connectors/access_tokens.ts';
import { openIdProvider } from './connectors/openid.ts';
import { openIdConfiguration } from './connectors/openid_discovery.ts';
import { systemDb } from './db/acting.ts';
import { toAppError } from './db/errors.ts';
import { schemaCurrent } from './db/migrate.ts';
import { listOrganizations } from './db/queries/principals.gen.ts';
import { diagnose, diagnosisText } from './doctor/doctor.ts';
import { AppError } from './errors.ts';
import { accessTokenLookup } from './operations/access/access_tokens.ts';
import { makeSignInLink, principalLookup } from './operations/access/sessions.ts';
import { singleSignOn } from './operations/access/sso.ts';
import { idempotencyKeys } from './operations/idempotency.ts';
import { confirmUnsubscribe, showUnsubscribe } from './operations/leads/unsubscribe.ts';
import { changeFeeds } from './operations/log/change_feeds.ts';
import { registry } from './operations/registry.ts';
import {
  existingOrganization,
  firstStart,
  INIT_OPTIONS,
  initOrganization,
  organizationOf,
} from './setup/first_start.ts';
import { mailNotice } from './setup/mail_notice.ts';
import { migrateDatabase } from './setup/schema.ts';
import { keptSecret, readSecret } from './setup/secret.ts';
import { doctorPorts } from './start/doctor_ports.ts';
import { runUntilStopped } from './start/lifetime.ts';
import { type Runtime, startRuntime } from './start/runtime.ts';
import { refuseTakenPort } from './start/taken_port.ts';
import { type Builtin, runCli } from './surfaces/cli.ts';
import { commandsOf } from './surfaces/cli_commands.ts';
import { completionScript } from './surfaces/cli_completion.ts';
import { SHELLS } from './surfaces/cli_completion_shells.ts';
import { EXIT } from './surfaces/cli_io.ts';
import { signInCommands } from './surfaces/cli_sign_in.ts';
import { findServer, serverPlaces } from './surfaces/client.ts';
import { startHttp } from './surfaces/http.ts';
import { mcpResource } from './surfaces/mcp_oauth.ts';
import { serveMcpStdio } from './surfaces/mcp_stdio.ts';
import { CALLBACK_PATH } from './surfaces/oidc.ts';
import { openApiDocument } from './surfaces/openapi.ts';
import { startMetricsListener } from './telemetry/metrics_listener.ts';

/** The composition root: all wiring is here. */

const WEB_DIR = fileURLToPath(new URL('../web/dist', import.meta.url));

const say = (line: string) => {
  process.stdout.write(`${line}\n`);
};

const builtin: Record<string, Builtin> = {
  up: {
    summary: 'Starts everything in one process: database, API, web, worker, mail catcher.',
    options: { speed: 'simulated seconds a second; 3600 runs an hour a second (embedded mode only)' },
    run: ({ speed = '1' }) => {
      const config = readConfig();
      return runUntilStopped((stopping) => up(config, Number(speed), stopping), say);
    },
  },
  serve: {
    summary: 'Starts API and web on DATABASE_URL.',
    options: {},
    run: () => {
      const config = readConfig();
      return runUntilStopped((stopping) => serve(config, stopping), say);
    },
  },
  work: {
    summary: 'Starts a worker on DATABASE_URL. Any number may run.',
    options: {},
    run: () => {
      const config = readConfig();
      return runUntilStopped((stopping) => work(config, stopping), say);
    },
  },
  mcp: {
    summary: 'Speaks MCP on stdin and stdout, for an agent that starts it, with the server that runs.',
    options: { url: 'where the server is', key: 'API key (tl_...); whose key it is decides what it may do' },
    run: ({ url, key }) => serveMcpStdio(findServer(readConfig(), { url, key }), process),
  },
  init: {
    summary: 'Makes the organization of an empty DATABASE_URL.',
    options: INIT_OPTIONS,
    run: (options) => init(readConfig(), options),
  },
  migrate: {
    summary: 'Brings the schema of DATABASE_URL up to date.',
    options: {},
    run: () => migrateOnly(readConfig()),
  },
  doctor: {
    summary:
      'Looks at what a process of this machine needs: database, clocks, policy, mail, DNS. Changes nothing.',
    options: {},
    flags: { json: 'print the findings as JSON' },
    run: ({ json }) => doctor(readConfig(), json !== undefined),
  },
  completion: {
    summary: 'Prints what completes commands in your shell: source <(touchline completion bash)',
    options: {},
    argument: { name: 'shell', choices: SHELLS },
    run: async ({ shell }) => {
      const chosen = SHELLS.find((known) => known === shell)!;
      say(completionScript(chosen, builtin, commandsOf(registry)));
      return EXIT.ok;
    },
  },
  ...signInCommands({ readConfig, io: process }),
  openapi: {
    summary: 'Prints the OpenAPI description.',
    options: {},
    run: async () => {
      say(JSON.stringify(openApiDocument(registry), null, 2));
      return 0;
    },
  },
};

async function up(config: Config, speed: number, stopping: AbortSignal): Promise<Runtime> {
  const runtime = await startRuntime({ config, speed, embedded: true, say, stopping });
  try {
    await refuseTakenPort(config.host, config.port, config.start_command);
    const cli_key = await keptSecret(join(config.data_dir, 'cli_key'), 32, 'tl_');
    const admin = await firstStart(runtime.context, { config, cli_key, say });
    stopping.throwIfAborted();
    const url = await listen(runtime, config);
    runtime.startWorker();
    await writeFile(join(config.data_dir, 'cli.json'), JSON.stringify({ url, key: cli_key }), {
      mode: 0o600,
    });
    await runtime.embedded?.announce(url);
    const link_token = await makeSignInLink(runtime.db, runtime.context.clock, admin);
    say('');
    say(`  Touchline is running at ${url}`);
    say(`  Sign in, once, with this link:  ${url}/sign-in#${link_token}`);
    if (runtime.context.catcher !== null) say(`  Mail is caught, not sent: see it at ${url}/mail`);
    for (const line of await mailNotice(runtime.db, admin.org_id, config.smtp_url)) say(`  ${line}`);
    if (speed > 1)
      say(`  The clock runs ${speed} times as fast: it is ${runtime.context.clock.now().toISOString()}.`);
    say('  Ctrl-C stops everything; the data stays.');
    say('');
    return runtime;
  } catch (error) {
    await runtime.stop();
    throw error;
  }
}

async function serve(config: Config, stopping: AbortSignal): Promise<Runtime> {
  await refuseTakenPort(config.host, config.port, 'touchline serve');
  const runtime = await startRuntime({ config, speed: 1, embedded: false, say, stopping });
  try {
    const admin = await existingOrganization(runtime.context, config);
    const url = await listen(runtime, config);
    const link_token = await makeSignInLink(runtime.db, runtime.context.clock, admin);
    say(`Touchline serves at ${url}. Sign in, once: ${url}/sign-in#${link_token}`);
    for (const line of await mailNotice(runtime.db, admin.org_id, config.smtp_url)) say(line);
    return runtime;
  } catch (error) {
    await runtime.stop();
    throw error;
  }
}

async function work(config: Config, stopping: AbortSignal): Promise<Runtime> {
  const runtime = await startRuntime({ config, speed: 1, embedded: false, say, stopping });
  try {
    await serveMetrics(runtime, config);
    runtime.startWorker();
    const orgs = await listOrganizations.run({ limit: 10_000 }, systemDb(runtime.db));
    if (orgs.length > 0) say(`Touchline works for ${orgs.length} organization(s).`);
    else
      say('This database has no organization yet: make one with touchline init. This worker waits for it.');
    say('Ctrl-C finishes the batch under way and stops.');
    return runtime;
  } catch (error) {
    await runtime.stop();
    throw error;
  }
}

/** A worker has no server, so it serves metrics only if a port is configured. */
async function serveMetrics(runtime: Runtime, { metrics: { port, token }, host }: Config): Promise<void> {
  const { metrics } = runtime.context;
  if (port === null || metrics === undefined) return;
  const listener = await startMetricsListener({ metrics, host, port, token });
  runtime.onStop(listener.close);
  say(`Its metrics are at ${listener.url}.`);
}

async function init(config: Config, options: Record<string, string | undefined>): Promise<number> {
  // Before the database is touched: a mistyped option changes nothing.
  const organization = organizationOf(options);
  if (config.database_url !== null) await readSecret(config);
  const runtime = await startRuntime({ config, speed: 1, embedded: false, say });
  try {
    await initOrganization(runtime.context, config, organization);
    say(`Made. The admin is ${config.admin_email}; touchline serve prints a sign-in link.`);
    return 0;
  } finally {
    await runtime.stop();
  }
}

async function doctor(config: Config, as_json: boolean): Promise<number> {
  // A person waits for the answer.
  const { llm, local_webhooks, production } = config;
  const allow_local = local_webhooks && config.database_url === null && !production;
  const server = serverPlaces(config);
  const ports = doctorPorts({ wait_ms: 5_000, dns_wait_ms: 2_000, server, llm, allow_local });
  const diagnosis = await diagnose(config, ports);
  const { ok, checks, is_away } = diagnosis;
  say(as_json ? JSON.stringify({ ok, checks }, null, 2) : diagnosisText(diagnosis));
  if (is_away) return EXIT.unavailable;
  return ok ? EXIT.ok : EXIT.refused;
}

async function migrateOnly(config: Config): Promise<number> {
  await migrateDatabase(config, say);
  say('The schema is current.');
  return 0;
}

async function listen(runtime: Runtime, config: Config): Promise<string> {
  const { context, db } = runtime;
  const callback = () => `${context.public_url}${CALLBACK_PATH}`;
  const provider = config.oidc && openIdConfiguration(config.oidc);
  const sso = provider && singleSignOn(context, openIdProvider(provider), callback);
  context.has_sso = sso !== null;
  const audience = () => mcpResource(context.public_url);
  const byToken = provider && accessTokenLookup(context, accessTokens(provider), audience);
  const changes = changeFeeds(context);
  runtime.onHint(changes.wake);
  const http = await startHttp({
    context,
    registry,
    principals: principalLookup(db, context.clock),
    unsubscribe: {
      show: (token) => showUnsubscribe(context, token),
      confirm: (token, request_id) => confirmUnsubscribe(context, token, request_id),
    },
    isReady: () => schemaCurrent(systemDb(db)),
    toAppError,
    idempotency: idempotencyKeys(context),
    changes,
    host: config.host,
    port: config.port,
    web_dir: WEB_DIR,
    metrics_token: config.metrics.token,
    trusted_proxies: config.trusted_proxies,
    ...(sso ? { sso } : {}),
    ...(config.oidc && byToken ? { oauth: { issuer: config.oidc.issuer, byToken } } : {}),
  });
  runtime.onStop(() => http.close());
  context.process?.announce(http.url);
  if (config.public_url === null) context.public_url = http.url;
  return http.url;
}

/** A local command's failure, for the person who started it: the database is the likeliest cause. */
function startError(error: unknown): AppError | undefined {
  const refusal = toAppError(error);
  if (refusal === undefined || refusal === error || refusal.status !== 503) return refusal;
  const { code: cause } = error as { code?: unknown };
  const detail = refusal.code === 'unavailable' ? 'The database cannot be reached' : refusal.message;
  const because = typeof cause === 'string' ? ` (${cause})` : '';
  return new AppError(refusal.code, `${detail.replace(/\.$/, '')}${because}.`, {
    status: refusal.status,
    cause: error,
    hint: 'Look at DATABASE_URL: does a PostgreSQL run there, and are user, password and database name right?',
  });
}

process.exitCode = await runCli(process.argv.slice(2), {
  registry,
  builtin,
  readConfig,
  toAppError: startError,
});

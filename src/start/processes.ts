import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from '../config.ts';
import { accessTokens } from '../connectors/access_tokens.ts';
import { openIdConfiguration, openIdProvider } from '../connectors/openid.ts';
import { systemDb } from '../db/acting.ts';
import { toAppError } from '../db/errors.ts';
import { schemaCurrent } from '../db/migrate.ts';
import { listOrganizations } from '../db/queries/principals.gen.ts';
import { diagnose, diagnosisText } from '../doctor/doctor.ts';
import { AppError } from '../errors.ts';
import { makeSignInLink, principalLookup } from '../operations/access/sessions.ts';
import { accessTokenLookup, singleSignOn } from '../operations/access/sso.ts';
import { idempotencyKeys } from '../operations/idempotency.ts';
import { confirmUnsubscribe, showUnsubscribe } from '../operations/leads/unsubscribe.ts';
import { changeFeeds } from '../operations/log/change_feeds.ts';
import { registry } from '../operations/registry.ts';
import { existingOrganization, firstStart, initOrganization, organizationOf } from '../setup/first_start.ts';
import { migrateDatabase } from '../setup/schema.ts';
import { keptSecret, readSecret } from '../setup/secret.ts';
import { EXIT } from '../surfaces/cli_io.ts';
import { serverPlaces } from '../surfaces/client.ts';
import { startHttp } from '../surfaces/http.ts';
import { mcpResource } from '../surfaces/mcp_oauth.ts';
import { CALLBACK_PATH } from '../surfaces/oidc.ts';
import { startMetricsListener } from '../telemetry/metrics_listener.ts';
import { doctorPorts } from './doctor_ports.ts';
import { mailNotice } from './mail_servers.ts';
import { type Runtime, type RuntimeOptions, startRuntime } from './runtime.ts';

/*
 * The processes that main.ts starts: all wiring is here. Commands that ask a running server never load this file, nor the
 * servers, drivers and mail libraries behind it, which take most of the time that a command needs to begin.
 */

const WEB_DIR = fileURLToPath(new URL('../../web/dist', import.meta.url));

const say = (line: string) => {
  process.stdout.write(`${line}\n`);
};

export function up(config: Config, speed: number, stopping: AbortSignal): Promise<Runtime> {
  return started({ config, speed, embedded: true, say, stopping }, async (runtime) => {
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
  });
}

export async function serve(config: Config, stopping: AbortSignal): Promise<Runtime> {
  await refuseTakenPort(config.host, config.port, 'touchline serve');
  return started({ config, speed: 1, embedded: false, say, stopping }, async (runtime) => {
    const admin = await existingOrganization(runtime.context, config);
    const url = await listen(runtime, config);
    const link_token = await makeSignInLink(runtime.db, runtime.context.clock, admin);
    say(`Touchline serves at ${url}. Sign in, once: ${url}/sign-in#${link_token}`);
    for (const line of await mailNotice(runtime.db, admin.org_id, config.smtp_url)) say(line);
  });
}

export function work(config: Config, stopping: AbortSignal): Promise<Runtime> {
  return started({ config, speed: 1, embedded: false, say, stopping }, async (runtime) => {
    await serveMetrics(runtime, config);
    runtime.startWorker();
    const orgs = await listOrganizations.run({ limit: 10_000 }, systemDb(runtime.db));
    if (orgs.length > 0) say(`Touchline works for ${orgs.length} organization(s).`);
    else {
      say(
        'This database has no organization yet: create one with touchline init. The worker is waiting for it.',
      );
    }
    say('Ctrl-C finishes the current batch and stops.');
  });
}

/** A runtime in which `begin` has run; stopped again if that fails. */
async function started(
  options: RuntimeOptions,
  begin: (runtime: Runtime) => Promise<void>,
): Promise<Runtime> {
  const runtime = await startRuntime(options);
  try {
    await begin(runtime);
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

export async function init(config: Config, options: Record<string, string | undefined>): Promise<number> {
  // Before the database is touched: a mistyped option changes nothing.
  const organization = organizationOf(options);
  if (config.database_url !== null) await readSecret(config);
  const runtime = await startRuntime({ config, speed: 1, embedded: false, say });
  try {
    await initOrganization(runtime.context, config, organization);
    say(`Organization created. The admin is ${config.admin_email}; touchline serve prints a sign-in link.`);
    return 0;
  } finally {
    await runtime.stop();
  }
}

export async function doctor(config: Config, as_json: boolean): Promise<number> {
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

export async function migrateOnly(config: Config): Promise<number> {
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

/** Fails with `port_taken` before anything slow has started. `command`: what to run again with another port. */
async function refuseTakenPort(host: string, port: number, command: string): Promise<void> {
  if (port === 0) return;
  const probe = createServer();
  probe.listen(port, host);
  try {
    await once(probe, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE' && code !== 'EACCES') {
      throw new AppError('host_invalid', `Touchline cannot listen on ${host}:${port} (${code}).`, {
        hint: 'Set HOST to an address of this machine: 127.0.0.1, or 0.0.0.0 for all.',
      });
    }
    const why = code === 'EADDRINUSE' ? 'the port is in use' : 'this user may not use the port';
    throw new AppError('port_taken', `Touchline cannot listen on ${host}:${port}: ${why}.`, {
      hint: `Choose another port: PORT=${Math.max(port + 1, 7301)} ${command}`,
    });
  } finally {
    probe.close();
  }
}

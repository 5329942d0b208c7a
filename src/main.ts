import { type Config, readConfig } from './config.ts';
import { toAppError } from './db/errors.ts';
import { AppError } from './errors.ts';
import { registry } from './operations/registry.ts';
import { INIT_OPTIONS } from './setup/first_start.ts';
import { runUntilStopped } from './start/lifetime.ts';
import type { Runtime } from './start/runtime.ts';
import { type Builtin, runCli } from './surfaces/cli.ts';
import { commandsOf } from './surfaces/cli_commands.ts';
import { completionScript } from './surfaces/cli_completion.ts';
import { SHELLS } from './surfaces/cli_completion_shells.ts';
import { EXIT } from './surfaces/cli_io.ts';
import { signInCommands } from './surfaces/cli_sign_in.ts';
import { findServer } from './surfaces/client.ts';
import { openApiDocument } from './surfaces/openapi.ts';

/** Commands load start/processes.ts, which wires each process, only if they start one. */
const processes = () => import('./start/processes.ts');

type Begin = (
  from: typeof import('./start/processes.ts'),
  config: Config,
  stopping: AbortSignal,
) => Promise<Runtime>;

function run(begin: Begin): Promise<number> {
  const config = readConfig();
  return runUntilStopped(async (stopping) => begin(await processes(), config, stopping), say);
}

const say = (line: string) => {
  process.stdout.write(`${line}\n`);
};

const builtin: Record<string, Builtin> = {
  up: {
    summary: 'Run database, API, web, worker, and mail catcher in one process.',
    options: {
      speed: 'simulated seconds per second; 3600 simulates an hour per second (embedded mode only)',
    },
    run: ({ speed = '1' }) => run(({ up }, config, stopping) => up(config, Number(speed), stopping)),
  },
  serve: {
    summary: 'Run API and web on DATABASE_URL.',
    options: {},
    run: () => run(({ serve }, config, stopping) => serve(config, stopping)),
  },
  work: {
    summary: 'Run a worker on DATABASE_URL. Several workers may run.',
    options: {},
    run: () => run(({ work }, config, stopping) => work(config, stopping)),
  },
  mcp: {
    summary: 'Serve MCP over stdin and stdout to an agent, through the running server.',
    options: { url: 'address of the server', key: 'API key (tl_...), which determines the permissions' },
    run: async ({ url, key }) => {
      const { serveMcpStdio } = await import('./surfaces/mcp_stdio.ts');
      return serveMcpStdio(findServer(readConfig(), { url, key }), process);
    },
  },
  init: {
    summary: 'Create the organization in an empty DATABASE_URL.',
    options: INIT_OPTIONS,
    run: async (options) => (await processes()).init(readConfig(), options),
  },
  migrate: {
    summary: 'Migrate the database to the current schema.',
    options: {},
    run: async () => (await processes()).migrateOnly(readConfig()),
  },
  doctor: {
    summary: 'Check database, clocks, policy, mail, and DNS. Changes nothing.',
    options: {},
    flags: { json: 'print the findings as JSON' },
    run: async ({ json }) => (await processes()).doctor(readConfig(), json !== undefined),
  },
  completion: {
    summary: 'Print the completion script of your shell: source <(touchline completion bash)',
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
    summary: 'Print the OpenAPI document.',
    options: {},
    run: async () => {
      say(JSON.stringify(openApiDocument(registry), null, 2));
      return 0;
    },
  },
};

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
    hint: 'Check DATABASE_URL: that PostgreSQL runs there, and the user, password, and database name.',
  });
}

process.exitCode = await runCli(process.argv.slice(2), {
  registry,
  builtin,
  readConfig,
  toAppError: startError,
});

import { startClock } from '../clock.ts';
import type { Config } from '../config.ts';
import { type EmbeddedAddress, runningEmbedded } from '../db/embedded.ts';
import { refuseMissingRights } from '../db/login_rights.ts';
import { schemaCurrent } from '../db/migrate.ts';
import { openOwnerPool } from '../db/open.ts';
import type { OwnerPool, Pool, Queryable } from '../db/pool.ts';
import { openTransactions, serverClock, workerSessions } from '../db/queries/doctor.gen.ts';
import { openAppPool } from '../db/roles.ts';
import { serverNames } from '../db/servers.ts';
import { AppError } from '../errors.ts';
import { type Check, check, counted, failure, ok, skipped, warning } from './check.ts';

/** Each process counts windows and caps by its own clock: seconds are harmless, minutes send too early. */
const SKEW_WARNING_MS = 2_000;
const SKEW_FAILURE_MS = 60_000;
/** Our own connections never exceed this. */
const IDLE_MAX_S = 10;
/** A snapshot this old makes every claim of work several times slower. */
const SNAPSHOT_MAX_S = 60;

/** Connections as the owner of the tables and as the application. */
export type Opened = { owner: OwnerPool; app: Pool };

export type DatabaseFindings = {
  checks: Check[];
  /** Null if the remaining checks are impossible. */
  opened: Opened | null;
  /** The database did not answer, so nothing else can be checked. */
  is_away: boolean;
  close(): Promise<void>;
};

/** Checks the database of this machine's processes. The caller closes it. */
export async function databaseChecks(config: Config): Promise<DatabaseFindings> {
  let owner: OwnerPool | undefined;
  let app: Pool | undefined;
  const close = async () => {
    await Promise.all([owner?.close(), app?.close()]);
  };
  const address = await addressOf(config);
  const reached = await check('database', async () => {
    if (address === null) return notStarted(config);
    owner = await openOwnerPool({ url: address.url, max: 2, application_name: 'touchline-doctor' });
    const [server] = await serverClock.run({}, owner);
    return ok(`PostgreSQL ${server!.version} answers at ${serverNames(address.url)}`);
  });
  if (owner === undefined || address === null) {
    return { checks: [reached], opened: null, is_away: true, close };
  }
  const schema = await schemaCheck(owner);
  const login = owner;
  const role = await check('application role', async () => {
    if (config.database_url !== null) await refuseMissingRights(login);
    if (schema.status !== 'ok') return skipped('needs a current schema');
    app = await openAppPool({ url: address.app_url, max: 2, application_name: 'touchline-doctor' });
    return ok('touchline_app is subject to row-level security, and every table is protected');
  });
  const others = await Promise.all([clockCheck(owner), transactionCheck(owner), workerCheck(owner)]);
  const opened = app === undefined ? null : { owner, app };
  return { checks: [reached, schema, role, ...others], opened, is_away: false, close };
}

async function addressOf({ database_url, data_dir }: Config): Promise<EmbeddedAddress | null> {
  if (database_url !== null) return { url: database_url, app_url: database_url };
  return runningEmbedded(data_dir);
}

function notStarted({ data_dir }: Config): never {
  throw new AppError('database_missing', `No database runs on ${data_dir}, and DATABASE_URL is not set`, {
    hint: 'Start Touchline with npm start and run touchline doctor while it runs, or set DATABASE_URL.',
  });
}

function schemaCheck(owner: Queryable): Promise<Check> {
  return check('schema', async () =>
    (await schemaCurrent(owner))
      ? ok('current')
      : failure(
          'not the schema of this version of Touchline',
          'Run touchline migrate with the version of Touchline that you want to run.',
        ),
  );
}

function clockCheck(owner: Queryable): Promise<Check> {
  return check('clocks', async () => {
    const clock = startClock();
    const before_ms = clock.now_ms();
    const [server] = await serverClock.run({}, owner);
    const after_ms = clock.now_ms();
    // The server read its clock between these two readings.
    const skew_ms = Math.round(server!.now.getTime() - (before_ms + after_ms) / 2);
    const seen =
      Math.abs(skew_ms) < 1_000
        ? 'this machine and the database agree to the second'
        : `the database is ${Math.abs(skew_ms / 1000).toFixed(1)} s ${skew_ms > 0 ? 'ahead of' : 'behind'} this machine`;
    const next = 'Synchronize both machines with NTP.';
    if (Math.abs(skew_ms) >= SKEW_FAILURE_MS) return failure(seen, next);
    return Math.abs(skew_ms) >= SKEW_WARNING_MS ? warning(seen, next) : ok(seen);
  });
}

function transactionCheck(owner: Queryable): Promise<Check> {
  return check('transactions', async () => {
    const [row] = await openTransactions.run({}, owner);
    const { idle_s, idle_pid, snapshot_s, snapshot_pid, prepared_s, hidden_count } = row!;
    const end = (pid: number | null) => `Find its owner, or end it: SELECT pg_terminate_backend(${pid})`;
    if ((idle_s ?? 0) > IDLE_MAX_S) {
      return warning(
        `process ${idle_pid} has been idle in a transaction for ${Math.round(idle_s!)} s`,
        end(idle_pid),
      );
    }
    if ((snapshot_s ?? 0) > SNAPSHOT_MAX_S) {
      return warning(
        `process ${snapshot_pid} has held a snapshot for ${Math.round(snapshot_s!)} s, which slows every claim of work`,
        end(snapshot_pid),
      );
    }
    if ((prepared_s ?? 0) > SNAPSHOT_MAX_S) {
      return warning(
        `a prepared transaction has been open for ${Math.round(prepared_s!)} s`,
        'See pg_prepared_xacts; COMMIT PREPARED or ROLLBACK PREPARED it.',
      );
    }
    const hidden =
      hidden_count === 0
        ? ''
        : `; of other logins, ${counted(hidden_count, 'session')} hidden (GRANT pg_read_all_stats shows them)`;
    return ok(`none is idle; the oldest snapshot is ${Math.round(snapshot_s ?? 0)} s old${hidden}`);
  });
}

function workerCheck(owner: Queryable): Promise<Check> {
  return check('worker', async () => {
    const [row] = await workerSessions.run({}, owner);
    if (row!.count > 0) return ok('at least one is connected');
    return warning(
      'none is connected: no gate runs and nothing is sent',
      'Start one with touchline work, or everything with npm start. (A worker with --speed is not visible here.)',
    );
  });
}

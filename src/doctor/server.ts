import type { Queryable } from '../db/pool.ts';
import { processWorksHere, servingAddresses } from '../db/queries/doctor.gen.ts';
import { type Check, check, type Finding, failure, ok, skipped, warning } from './check.ts';

export type Readiness = {
  state: 'ready' | 'not_ready' | 'away';
  /** The database can tell whether this process lives; null if the server does not report it. */
  process_id: string | null;
};

/** The possible addresses of a server, and its readiness. */
export type ServerPort = {
  /** TOUCHLINE_URL; null if not set in this shell. */
  named_url: string | null;
  /** The address of a server with the other settings of this shell. */
  usual_url: string;
  readiness(url: string): Promise<Readiness>;
};

/** A limit on installations, since all are contacted at once. */
const SERVERS_MAX = 20;

type Answer = Readiness & {
  url: string;
  /** Null if it cannot be compared. */
  works_here: boolean | null;
};

/**
 * Finds the server of this database: at TOUCHLINE_URL, else where this database's servers report that they listen, else at
 * the usual address. `database`: null if it is away or its schema is not current.
 */
export function serverCheck(port: ServerPort, database: Queryable | null): Promise<Check> {
  return check('server', async () => {
    const { named_url, usual_url } = port;
    const rows = database === null ? [] : await servingAddresses.run({ limit: SERVERS_MAX }, database);
    const running = rows.map(({ url }) => url);
    const urls = named_url === null ? [...new Set([...running, usual_url])] : [named_url];
    const answers = await Promise.all(urls.map((url) => answerOf(url, port, database)));
    const own = answers.find(({ works_here }) => works_here === true);
    if (own?.state === 'ready') return ok(`answers at ${own.url}`);
    const unknown = answers.find(({ state, works_here }) => state !== 'away' && works_here === null);
    if (own !== undefined || unknown?.state === 'not_ready') {
      const seen = `${(own ?? unknown)!.url} answers but is not ready`;
      return failure(seen, 'See the database checks above, then its log.');
    }
    if (unknown !== undefined) return unknownServer(unknown.url, database);
    return named_url === null
      ? noneFound(running, answers.at(-1)!)
      : wrongName(named_url, running, answers[0]!);
  });
}

async function answerOf(url: string, port: ServerPort, database: Queryable | null): Promise<Answer> {
  const readiness = await port.readiness(url);
  const { process_id } = readiness;
  if (database === null || process_id === null) return { url, ...readiness, works_here: null };
  const [row] = await processWorksHere.run({ process_id }, database);
  return { url, ...readiness, works_here: row!.works_here };
}

function unknownServer(url: string, database: Queryable | null): Finding {
  return database === null
    ? skipped(`${url} answers, but its database cannot be compared`, 'See the database checks first.')
    : warning(
        `${url} answers but does not report its database`,
        'Check that it runs this version of Touchline. Otherwise set TOUCHLINE_URL to the server of this database.',
      );
}

function wrongName(url: string, running: readonly string[], { state }: Answer): Finding {
  const [right] = running;
  const next =
    right === undefined
      ? 'Start it with touchline up or touchline serve, or set TOUCHLINE_URL to its address.'
      : `The server of this database listens at ${right}: set TOUCHLINE_URL to its address.`;
  return state === 'away'
    ? skipped(`no server answers at ${url}`, next)
    : failure(`${url} (TOUCHLINE_URL) uses another database`, next);
}

function noneFound(running: readonly string[], { url, state }: Answer): Finding {
  if (running.length > 0) {
    return skipped(
      `the server of this database listens at ${running.join(', ')} and is not reachable from here`,
      'Run touchline doctor on its machine, or set TOUCHLINE_URL to an address that this machine reaches.',
    );
  }
  if (state === 'away') {
    return skipped(
      `no server answers at ${url}`,
      'Start it with touchline up or touchline serve. If it runs elsewhere, set TOUCHLINE_URL.',
    );
  }
  return warning(
    `no server uses this database; ${url} uses another one`,
    'Commands in this shell go to that server. Start touchline serve for this database with another PORT.',
  );
}

import type { Queryable } from '../db/pool.ts';
import { processWorksHere, servingAddresses } from '../db/queries/doctor.gen.ts';
import { type Check, check, type Finding, failure, ok, skipped, warning } from './check.ts';

export type Readiness = {
  state: 'ready' | 'not_ready' | 'away';
  /** The database of this process can tell that it lives; null where the server names none. */
  process_id: string | null;
};

/** Where a server may answer, and what it reports. */
export type ServerPort = {
  /** TOUCHLINE_URL; null where this shell has none. */
  named_url: string | null;
  /** Where a server listens by the other settings of this shell. */
  usual_url: string;
  readiness(url: string): Promise<Readiness>;
};

/** More than one installation runs; each is asked at once. */
const SERVERS_MAX = 20;

type Answer = Readiness & {
  url: string;
  /** Null where that cannot be compared. */
  works_here: boolean | null;
};

/**
 * Finds the server that works on this database: at TOUCHLINE_URL, else where the servers of this database say that they
 * listen, else at the usual address. `database`: null where it is away, or its schema is not current.
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
      const seen = `${(own ?? unknown)!.url} answers and is not ready`;
      return failure(seen, 'See the checks of the database, then its log.');
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
    ? skipped(`${url} answers; its database cannot be compared`, 'First see the checks of the database.')
    : warning(
        `${url} answers and does not say which database it works on`,
        'Is it Touchline of this version? If not, set TOUCHLINE_URL to the server of this database.',
      );
}

function wrongName(url: string, running: readonly string[], { state }: Answer): Finding {
  const [right] = running;
  const next =
    right === undefined
      ? 'Start it with touchline up or touchline serve, or set TOUCHLINE_URL to where it runs.'
      : `The server of this database listens at ${right}: set TOUCHLINE_URL to its address.`;
  return state === 'away'
    ? skipped(`no server answers at ${url}`, next)
    : failure(`${url}, from TOUCHLINE_URL, works on another database`, next);
}

function noneFound(running: readonly string[], { url, state }: Answer): Finding {
  if (running.length > 0) {
    return skipped(
      `the server of this database listens at ${running.join(', ')} and cannot be reached from here`,
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
    `no server works on this database; ${url} works on another one`,
    'Commands in this shell go there. Start touchline serve for this database with another PORT.',
  );
}

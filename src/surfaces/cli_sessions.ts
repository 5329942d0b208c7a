import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Config } from '../config.ts';
import { AppError } from '../errors.ts';
import type { Permission } from '../operations/operation.ts';
import { findServer, type Server, trimmed } from './client.ts';

/**
 * A sign-in from the command line: the server and the user. Until it expires, the cookie is as good as the password.
 */
const keptSession = z.object({
  url: z.string(),
  cookie: z.string(),
  email: z.string(),
  expires_at: z.string(),
});
type KeptSession = z.infer<typeof keptSession>;

type Kept = Pick<Config, 'user_dir'>;

const file = z.object({ sessions: z.array(keptSession) });

/**
 * The server's address and credential: a given or configured key, else the session on that server, else the key of the
 * locally started server. Operations closed to keys use only the session, or throw `session_required`.
 */
export function signedInServer(
  config: Config,
  said: Parameters<typeof findServer>[1],
  credential?: Permission['credential'],
): Server {
  const server = findServer(config, said);
  const is_personal = credential === 'session';
  if (said.key !== undefined || (config.cli_key !== null && !is_personal)) return server;
  const session = sessionAt(config, server.url);
  if (session !== undefined) return { url: server.url, key: null, cookie: session.cookie };
  if (is_personal) throw nobodySignedIn(server.url);
  return server;
}

export function nobodySignedIn(url: string): AppError {
  return new AppError('session_required', `Not signed in at ${url}.`, {
    hint: 'Run touchline sign-in. Use --url for another server.',
  });
}

export function sessionAt(kept: Kept, url: string): KeptSession | undefined {
  return readSessions(kept).find((session) => session.url === trimmed(url));
}

/** One per server, newest first. */
export function keepSession(kept: Kept, session: KeptSession): string {
  const url = trimmed(session.url);
  return writeSessions(kept, [{ ...session, url }, ...readSessions(kept).filter((one) => one.url !== url)]);
}

export function forgetSession(kept: Kept, url: string): void {
  writeSessions(
    kept,
    readSessions(kept).filter((session) => session.url !== trimmed(url)),
  );
}

function readSessions(kept: Kept): KeptSession[] {
  try {
    return file.parse(JSON.parse(readFileSync(fileOf(kept), 'utf8'))).sessions;
  } catch {
    // Missing, incomplete, or unreadable: no sessions.
    return [];
  }
}

/** Written beside and renamed: no reader sees an incomplete file, and an older file with other permissions is replaced. */
function writeSessions(kept: Kept, sessions: readonly KeptSession[]): string {
  const path = fileOf(kept);
  const beside = `${path}.${process.pid}`;
  mkdirSync(kept.user_dir, { recursive: true, mode: 0o700 });
  writeFileSync(beside, `${JSON.stringify({ sessions }, null, 2)}\n`, { mode: 0o600 });
  chmodSync(beside, 0o600);
  renameSync(beside, path);
  return path;
}

function fileOf({ user_dir }: Kept): string {
  return join(user_dir, 'sessions.json');
}

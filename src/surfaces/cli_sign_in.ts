import type { Config } from '../config.ts';
import { AppError } from '../errors.ts';
import type { Builtin, BuiltinOptions } from './cli.ts';
import { UsageError } from './cli_arguments.ts';
import { type CliIo, EXIT } from './cli_io.ts';
import { openPrompt } from './cli_prompt.ts';
import { forgetSession, keepSession, nobodySignedIn, sessionAt } from './cli_sessions.ts';
import { problemIn } from './cli_text.ts';
import { ask, type ClientAnswer, findServer, type Server, trimmed } from './client.ts';

type Io = Pick<CliIo, 'stdin' | 'stdout' | 'stderr'>;
type Desk = { readConfig: () => Config; io: Io };
type Run = (desk: Desk, options: BuiltinOptions) => Promise<number>;

/**
 * Signing in, signing out, and passwords: commands that prompt for secrets. A signed-in user needs no key; the session is
 * stored for this user only and expires like any other.
 */
export function signInCommands(desk: Desk): Record<string, Builtin> {
  const command = (summary: string, run: Run, options: Record<string, string> = {}): Builtin => ({
    summary,
    options: { ...options, url: 'server address (default: TOUCHLINE_URL, then the local server)' },
    flags: { json: 'print the answer as JSON' },
    uses_server: true,
    run: (given) => run(desk, given),
  });
  return {
    'sign-in': command('Sign in on this command line with email and password, or with --link.', signIn, {
      email: 'your email address (prompted for if omitted)',
      link: 'a one-time sign-in link instead of email and password',
      organization: 'its slug, if your address belongs to several',
    }),
    'sign-out': command('Sign out on this command line and on the server.', signOut),
    password: command('Change your password. Requires a sign-in.', changePassword),
  };
}

async function signIn({ readConfig, io }: Desk, options: BuiltinOptions): Promise<number> {
  const config = readConfig();
  const { url, body } =
    options.link === undefined
      ? { url: serverUrl(config, options), body: await asked(io, options) }
      : byLink(config, options.link, options);
  const answer = await ask({ url, key: null }, { method: 'POST', path: '/sessions', body: json(body) });
  const { expires_at } = accepted(answer).body as { expires_at: string };
  const cookie = answer.set_cookie?.[0]?.split(';')[0];
  if (cookie === undefined)
    throw new AppError('sign_in_failed', 'The server returned no session.', { status: 502 });
  const server: Server = { url, key: null, cookie };
  const me = accepted(await ask(server, { method: 'GET', path: '/me' })).body as Me;
  const session = { url: trimmed(url), cookie, email: me.email, expires_at };
  const path = keepSession(config, session);
  const shown = { url: session.url, email: me.email, roles: me.roles, expires_at };
  const elsewhere =
    serverUrl(config, {}) === session.url ? '' : `\nSelect it with --url ${session.url}, or TOUCHLINE_URL.`;
  const outranked =
    config.cli_key === null ? '' : '\nTOUCHLINE_API_KEY or TOUCHLINE_ADMIN_KEY is set and takes precedence.';
  say(
    io,
    options,
    shown,
    `Signed in at ${session.url} as ${me.email} (${me.roles.join(', ')}), until ${expires_at} or four days without use.\n` +
      `Saved in ${path}, readable only by you. touchline sign-out ends the session.${elsewhere}${outranked}`,
  );
  return EXIT.ok;
}

type Me = { email: string; roles: string[] };

async function asked(io: Io, { email, organization }: BuiltinOptions): Promise<Record<string, unknown>> {
  using prompt = openPrompt(io);
  const address = email ?? (await prompt.ask('Email:')).trim();
  const password = await prompt.ask('Password (hidden):', { hidden: true });
  if (address === '' || password === '') throw new UsageError('No input.');
  return { email: address, password, ...(organization === undefined ? {} : { organization }) };
}

/** A link contains its server; if this machine reaches that server under another address, --url gives it. */
function byLink(config: Config, link: string, options: BuiltinOptions) {
  const { hash = '', origin } = URL.canParse(link) ? new URL(link) : {};
  const link_token = hash.slice(1);
  if (link_token === '' || origin === undefined) {
    throw new UsageError('--link requires the whole link, as in --link "http://127.0.0.1:7300/sign-in#..."');
  }
  return { url: options.url === undefined ? origin : serverUrl(config, options), body: { link_token } };
}

async function signOut({ readConfig, io }: Desk, options: BuiltinOptions): Promise<number> {
  const config = readConfig();
  const { url, email, server } = sessionOf(config, options);
  // Whatever the server answers: a forgotten session is useless.
  forgetSession(config, url);
  const answer = await ask(server, { method: 'DELETE', path: '/sessions/current' });
  if (answer.status !== 401) accepted(answer);
  say(io, options, { url, email }, `Signed out at ${url}.`);
  return EXIT.ok;
}

async function changePassword({ readConfig, io }: Desk, options: BuiltinOptions): Promise<number> {
  const { server } = sessionOf(readConfig(), options);
  const body = await askedPasswords(io);
  const answer = accepted(await ask(server, { method: 'PUT', path: '/me/password', body: json(body) }));
  const { ended_sessions } = answer.body as { ended_sessions: number };
  say(io, options, answer.body, `Password changed. Other sessions ended: ${ended_sessions}.`);
  return EXIT.ok;
}

async function askedPasswords(io: Io): Promise<Record<string, string>> {
  using prompt = openPrompt(io);
  const current = await prompt.ask('Current password (empty if none):', { hidden: true });
  const new_password = await prompt.ask('New password (12 characters or more):', { hidden: true });
  if (
    prompt.is_terminal &&
    (await prompt.ask('Repeat the new password:', { hidden: true })) !== new_password
  ) {
    throw new UsageError('The passwords differ. Nothing changed.');
  }
  return current === '' ? { new_password } : { current_password: current, new_password };
}

function sessionOf(config: Config, options: BuiltinOptions) {
  const url = serverUrl(config, options);
  const session = sessionAt(config, url);
  if (session === undefined) throw nobodySignedIn(url);
  const server: Server = { url, key: null, cookie: session.cookie };
  return { url, email: session.email, server };
}

function serverUrl(config: Config, { url }: BuiltinOptions): string {
  return findServer(config, { url }).url;
}

function json(body: Record<string, unknown>) {
  return { media_type: 'application/json', content: JSON.stringify(body) };
}

/** Throws the server's refusal. */
function accepted(answer: ClientAnswer): ClientAnswer {
  if (answer.status < 400) return answer;
  const { code, detail, errors, hint } = problemIn(answer);
  throw new AppError(code, detail, { status: answer.status, errors, hint });
}

function say({ stdout }: Io, { json: as_json }: BuiltinOptions, body: unknown, words: string): void {
  stdout.write(`${as_json === undefined ? words : JSON.stringify(body, null, 2)}\n`);
}

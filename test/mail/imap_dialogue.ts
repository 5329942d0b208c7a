import type { Socket } from 'node:net';
import { fetchReply, inSet, type StoredFolder, type StoredMail, searchUids } from './imap_folders.ts';

/** The points at which the server can fail. */
export type ImapPoint =
  | 'connect' // before the greeting
  | 'greeting' // after it
  | 'login' // instead of the answer
  | 'select' // between the answers to EXAMINE
  | 'search' // in the middle of the answer
  | 'literal' // half of a message written
  | 'fetched' // all of it written, and no OK
  | 'after_ok' // after any tagged OK
  | 'idle' // after the + that begins it
  | 'news'; // after EXISTS was sent in IDLE

/** `stall`: no further reads or writes. */
export type ImapFault = 'drop' | 'reset' | 'stall';

export type ImapServerOptions = {
  user?: string;
  password?: string;
  /** Accepted by XOAUTH2; without one, it is not offered. */
  access_token?: () => string;
  /** The same, for servers that accept several. */
  takes_token?: (token: string) => boolean;
  capabilities?: string[];
  idle?: boolean;
  refuses_idle?: boolean;
  /** Default INBOX, and Spam as the junk folder. */
  folders?: string[];
  tls?: { key: string; cert: string };
  /** Called at every point. */
  fault?: (point: ImapPoint) => ImapFault | null;
  /** The response to FETCH of this UID, for example `NO [SERVERBUG] no`; null: the message. `''`: OK without a message. */
  instead?: (uid: number) => string | null;
};

/** State that the sessions of one server share. */
export type World = {
  options: ImapServerOptions;
  folders: StoredFolder[];
  user: string;
  password: string;
  login_answer: string | null;
  fault(point: ImapPoint): ImapFault | null;
};

export type Session = {
  socket: Socket;
  buffered: string;
  /** The input that the session expects. */
  mode: 'command' | 'idle' | 'plain' | 'deaf';
  tag: string;
  is_in: boolean;
  folder: StoredFolder | null;
  /** The messages that the session knows about, in order. */
  known: StoredMail[];
};

/** The next line with its literals; null until all of it has arrived. */
export function nextCommand(session: Session): string | null {
  if (session.mode === 'deaf') return null;
  let end = session.buffered.indexOf('\r\n');
  while (end >= 0) {
    const literal = /\{(\d+)(\+?)\}$/.exec(session.buffered.slice(0, end));
    if (literal === null) break;
    const after = end + 2 + Number(literal[1]);
    if (session.buffered.length <= after) {
      if (literal[2] === '' && session.buffered.length === end + 2) session.socket.write('+ go ahead\r\n');
      return null;
    }
    end = session.buffered.indexOf('\r\n', after);
  }
  if (end < 0) return null;
  const line = session.buffered.slice(0, end);
  session.buffered = session.buffered.slice(end + 2);
  return line;
}

/** Whether the fault planned for this point has ended the session. */
export function fails(world: World, session: Session, point: ImapPoint): boolean {
  if (session.mode === 'deaf') return true;
  const fault = world.fault(point);
  if (fault === null) return false;
  session.mode = 'deaf';
  if (fault === 'drop') session.socket.end();
  if (fault === 'reset') session.socket.resetAndDestroy();
  return true;
}

export function answer(world: World, session: Session, line: string): void {
  const text = reply(world, session, line);
  if (text === null || session.mode === 'deaf') return;
  session.socket.write(`${session.tag} ${text}\r\n`);
  if (text === LEAVING) session.socket.end();
  else if (text.startsWith('OK')) fails(world, session, 'after_ok');
}

const LEAVING = 'OK bye';

/** The tagged reply; null without one, or not yet. */
function reply(world: World, session: Session, line: string): string | null {
  if (session.mode === 'idle') {
    session.mode = 'command';
    return 'OK idled';
  }
  if (session.mode === 'plain') {
    session.mode = 'command';
    const [, name, secret] = Buffer.from(line, 'base64').toString().split('\0');
    return enter(world, session, name === world.user && secret === world.password);
  }
  const [, tag = '', name = '', rest = ''] = /^(\S+) ((?:UID )?\S+) ?(.*)$/s.exec(line) ?? [];
  session.tag = tag;
  const known = COMMANDS[name.toUpperCase()];
  if (known === undefined) return 'BAD what is that';
  if (known.inside && !session.is_in) return 'BAD log in first';
  return known.run(world, session, rest);
}

type Command = { inside?: true; run(world: World, session: Session, rest: string): string | null };

const COMMANDS: Record<string, Command> = {
  CAPABILITY: {
    run: ({ options: { capabilities = [], idle = true, access_token, takes_token } }, session) => {
      const all = [
        ...BASE,
        ...(idle ? ['IDLE'] : []),
        ...(access_token || takes_token ? ['AUTH=XOAUTH2'] : []),
        ...capabilities,
      ];
      return say(session, `CAPABILITY ${all.join(' ')}`);
    },
  },
  ID: { run: (_world, session) => say(session, 'ID ("name" "test")') },
  NAMESPACE: { run: (_world, session) => say(session, 'NAMESPACE (("" "/")) NIL NIL') },
  LOGIN: {
    run: (world, session, rest) => {
      const [name, secret] = strings(rest);
      return enter(world, session, name === world.user && secret === world.password);
    },
  },
  AUTHENTICATE: { run: authenticate },
  LOGOUT: {
    run: (_world, session) => {
      say(session, 'BYE bye');
      return LEAVING;
    },
  },
  LIST: { inside: true, run: list },
  LSUB: { inside: true, run: () => 'OK none' },
  EXAMINE: { inside: true, run: examine },
  NOOP: {
    inside: true,
    run: (world, session) => {
      tell(world, session);
      return 'OK done';
    },
  },
  'UID SEARCH': { inside: true, run: search },
  'UID FETCH': { inside: true, run: fetch },
  IDLE: {
    inside: true,
    run: (world, session) => {
      if (world.options.refuses_idle) return 'NO not now';
      session.mode = 'idle';
      session.socket.write('+ idling\r\n');
      if (!fails(world, session, 'idle')) tell(world, session);
      return null;
    },
  },
};

const BASE = ['IMAP4rev1', 'ID', 'NAMESPACE', 'SPECIAL-USE', 'UIDPLUS'];

function say(session: Session, text: string): string {
  session.socket.write(`* ${text}\r\n`);
  return 'OK done';
}

function authenticate(world: World, session: Session, rest: string): string | null {
  const [mechanism = '', given = ''] = rest.split(' ');
  if (mechanism.toUpperCase() === 'PLAIN') {
    session.mode = 'plain';
    session.socket.write('+ \r\n');
    return null;
  }
  const { access_token, takes_token = (token) => token === access_token?.() } = world.options;
  const shown = Buffer.from(given, 'base64').toString();
  const [, token = ''] = /auth=Bearer (\S+?)\p{Cc}{2}$/u.exec(shown) ?? [];
  const is_right = shown === `user=${world.user}\x01auth=Bearer ${token}\x01\x01` && takes_token(token);
  return enter(world, session, is_right);
}

function enter(world: World, session: Session, is_right: boolean): string | null {
  if (fails(world, session, 'login')) return null;
  if (world.login_answer !== null) return world.login_answer;
  session.is_in = is_right;
  return is_right ? 'OK welcome' : 'NO [AUTHENTICATIONFAILED] Invalid credentials';
}

function list({ folders }: World, session: Session, rest: string): string {
  const [, pattern = ''] = strings(rest);
  for (const { name, special_use } of folders) {
    if (pattern !== '*' && pattern !== '%' && pattern !== name) continue;
    say(session, `LIST (${['\\HasNoChildren', special_use].join(' ').trim()}) "/" "${name}"`);
  }
  return 'OK listed';
}

function examine(world: World, session: Session, rest: string): string | null {
  const folder = world.folders.find(({ name }) => name === strings(rest)[0]) ?? null;
  if (folder === null) return 'NO [NONEXISTENT] no such folder';
  session.folder = folder;
  session.known = [...folder.messages];
  session.socket.write(`* ${session.known.length} EXISTS\r\n* 0 RECENT\r\n* FLAGS (\\Seen)\r\n`);
  if (fails(world, session, 'select')) return null;
  say(session, `OK [UIDVALIDITY ${folder.uid_validity}] valid`);
  say(session, `OK [UIDNEXT ${folder.uid_next}] next`);
  return 'OK [READ-ONLY] opened';
}

/** Reports arrivals and removals since the last report to the session. */
export function tell(world: World, session: Session): void {
  if (session.folder === null || session.mode === 'deaf') return;
  const { messages } = session.folder;
  for (let at = session.known.length - 1; at >= 0; at--) {
    if (messages.some(({ uid }) => uid === session.known[at]?.uid)) continue;
    session.known.splice(at, 1);
    session.socket.write(`* ${at + 1} EXPUNGE\r\n`);
  }
  if (messages.length === session.known.length) return;
  session.known = [...messages];
  session.socket.write(`* ${messages.length} EXISTS\r\n`);
  if (session.mode === 'idle') fails(world, session, 'news');
}

/** Searches the messages known to the session; only then reports new ones, as servers do. */
function search(world: World, session: Session, criteria: string): string | null {
  const line = ['* SEARCH', ...searchUids(session.known, criteria)].join(' ');
  session.socket.write(line.slice(0, 8));
  if (fails(world, session, 'search')) return null;
  session.socket.write(`${line.slice(8)}\r\n`);
  tell(world, session);
  return 'OK searched';
}

function fetch(world: World, session: Session, rest: string): string | null {
  const [, set = '', items = ''] = /^(\S+) (.*)$/.exec(rest) ?? [];
  for (const message of inSet(session.known, set)) {
    const instead = world.options.instead?.(message.uid) ?? null;
    if (instead === '') continue;
    if (instead !== null) return instead;
    const is_there = session.folder?.messages.some(({ uid }) => uid === message.uid);
    if (!is_there) continue;
    const [begun, body, ended] = fetchReply(message, session.known.indexOf(message) + 1, items);
    session.socket.write(begun);
    session.socket.write(body.subarray(0, body.length / 2));
    if (fails(world, session, 'literal')) return null;
    session.socket.write(body.subarray(body.length / 2));
    session.socket.write(ended);
    if (fails(world, session, 'fetched')) return null;
  }
  return 'OK fetched';
}

/** Atoms, quoted strings and literals. */
function strings(text: string): string[] {
  const found: string[] = [];
  for (let rest = text.trimStart(); rest !== ''; rest = rest.trimStart()) {
    const literal = /^\{(\d+)\+?\}\r\n/.exec(rest);
    const quoted = /^"((?:[^"\\]|\\.)*)"/s.exec(rest);
    const head = literal?.[0] ?? quoted?.[0] ?? /^\S+/.exec(rest)?.[0] ?? rest;
    const length = head.length + Number(literal?.[1] ?? 0);
    found.push(literal ? rest.slice(head.length, length) : (quoted?.[1]?.replace(/\\(.)/g, '$1') ?? head));
    rest = rest.slice(length);
  }
  return found;
}

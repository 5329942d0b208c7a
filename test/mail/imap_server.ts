import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import {
  answer,
  fails,
  type ImapFault,
  type ImapPoint,
  type ImapServerOptions,
  nextCommand,
  type Session,
  tell,
  type World,
} from './imap_dialogue.ts';
import { newFolder } from './imap_folders.ts';

export type ImapServer = {
  readonly port: number;
  /** In the form of `IMAP_URL`, with user and password. */
  readonly url: string;
  /** Every command line without its tag, in order, over all sessions. */
  readonly commands: string[];
  readonly sessions: number;
  readonly open_sessions: number;
  /** Number of sessions that wait in IDLE. */
  readonly idle_sessions: number;
  /** A fixed response to logins instead of a check, for example `NO [UNAVAILABLE] later`. */
  answerLogins(text: string | null): void;
  /** Called at every point from now on. */
  fail(fault: (point: ImapPoint) => ImapFault | null): void;
  /** Puts a message into a folder and notifies all sessions. Returns its UID. */
  append(raw: string | Buffer, options?: { folder?: string; internal_date?: Date }): number;
  expunge(uid: number, folder?: string): void;
  /** Gives the folder a new UIDVALIDITY and its messages new UIDs, in reverse order, and hangs up. */
  renumber(folder?: string): void;
  /** Resets the folder to its state before `uid_next`, as restoring a backup does, and hangs up. */
  restore(uid_next: number, folder?: string): void;
  hangUp(say?: string): void;
  close(): Promise<void>;
};

/** An IMAP4rev1 server (RFC 3501) in this process, as far as a reader needs one, with scripted faults. */
export async function startImapServer(options: ImapServerOptions = {}): Promise<ImapServer> {
  const folders = (options.folders ?? ['INBOX', 'Spam']).map((name, at) =>
    newFolder(name, name === 'Spam' ? '\\Junk' : '', 1_000 * (at + 1)),
  );
  const { user = 'tara@b2bea.test', password = 'p@ss "word"', fault = () => null } = options;
  const world: World = { options, folders, user, password, login_answer: null, fault };
  const open = new Set<Session>();
  const commands: string[] = [];
  let sessions = 0;

  const begin = (socket: Socket) => {
    sessions += 1;
    const session: Session = {
      socket,
      buffered: '',
      mode: 'command',
      tag: '',
      is_in: false,
      folder: null,
      known: [],
    };
    open.add(session);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('close', () => open.delete(session));
    socket.on('data', (chunk) => {
      session.buffered += chunk.toString('latin1');
      for (let line = nextCommand(session); line !== null; line = nextCommand(session)) {
        commands.push(session.mode === 'command' ? line.replace(/^\S+ /, '') : line);
        answer(world, session, line);
      }
    });
    if (fails(world, session, 'connect')) return;
    socket.write('* OK ready\r\n');
    fails(world, session, 'greeting');
  };
  const listener: Server = options.tls ? createTlsServer(options.tls, begin) : createServer(begin);
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as AddressInfo;
  const scheme = options.tls ? 'imaps' : 'imap';

  return {
    ...changes(world, open),
    port,
    url: `${scheme}://${encodeURIComponent(user)}:${encodeURIComponent(password)}@127.0.0.1:${port}`,
    commands,
    get sessions() {
      return sessions;
    },
    get open_sessions() {
      return open.size;
    },
    get idle_sessions() {
      return [...open].filter(({ mode }) => mode === 'idle').length;
    },
    close: () =>
      new Promise<void>((resolve) => {
        for (const { socket } of open) socket.destroy();
        listener.close(() => resolve());
      }),
  };
}

type Changes = 'answerLogins' | 'fail' | 'append' | 'expunge' | 'renumber' | 'restore' | 'hangUp';

function changes(world: World, open: Set<Session>): Pick<ImapServer, Changes> {
  const folderOf = (name = 'INBOX') => {
    const folder = world.folders.find((one) => one.name === name);
    if (folder === undefined) throw new Error(`the IMAP server has no folder ${name}`);
    return folder;
  };
  const tellAll = () => {
    for (const session of open) if (session.mode === 'idle') tell(world, session);
  };
  const hangUp = (say = '') => {
    for (const { socket } of open) socket.end(say);
  };
  return {
    answerLogins(text) {
      world.login_answer = text;
    },
    fail(fault) {
      world.fault = fault;
    },
    append(raw, { folder, internal_date = new Date() } = {}) {
      const into = folderOf(folder);
      const uid = into.uid_next++;
      into.messages.push({ uid, raw: Buffer.from(raw), internal_date });
      tellAll();
      return uid;
    },
    expunge(uid, folder) {
      const from = folderOf(folder);
      from.messages = from.messages.filter((message) => message.uid !== uid);
      tellAll();
    },
    renumber(folder) {
      const changed = folderOf(folder);
      changed.uid_validity += 1;
      changed.messages = changed.messages.toReversed().map((message, at) => ({ ...message, uid: at + 1 }));
      changed.uid_next = changed.messages.length + 1;
      hangUp();
    },
    restore(uid_next, folder) {
      const changed = folderOf(folder);
      changed.messages = changed.messages.filter(({ uid }) => uid < uid_next);
      changed.uid_next = uid_next;
      hangUp();
    },
    hangUp,
  };
}

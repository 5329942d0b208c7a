import type { Socket } from 'node:net';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { MailLogin } from '../mail/messages.ts';
import type { MailTarget } from './mail_server_url.ts';
import { parseReply, printable, replyReader, type SmtpReply } from './smtp_reply.ts';

/** The result of waiting for a reply. `lost`: none arrived, and none will. */
export type Answer =
  | { kind: 'reply'; reply: SmtpReply }
  | { kind: 'malformed'; text: string }
  | { kind: 'lost'; why: string };

/** A logged-in session between messages. One command at a time. */
export type SmtpLine = {
  /** Writes one command and waits at most `reply_timeout_ms` for its reply. */
  ask(command: string): Promise<Answer>;
  /** Writes the message, dot-stuffed and terminated, and waits for its reply. */
  askBody(mime: Buffer): Promise<Answer>;
  /** Whether the next command can be written: still open, with no unrequested reply waiting. */
  usable(): boolean;
  /** QUIT, then closes within a second. */
  quit(): void;
  /** Drops the connection at once. */
  drop(): void;
};

export type Opened = { kind: 'open'; line: SmtpLine } | { kind: 'failed'; reply?: SmtpReply; why: string };

const QUIT_WAIT_MS = 1_000;

/**
 * Opens a session: name lookup, TCP, TLS, greeting, EHLO, and login, all within `connection_timeout_ms`, by nodemailer. The
 * rest is ours: with PIPELINING, nodemailer 10 sends MAIL, RCPT, and DATA in one packet, accepts `250` as a go-ahead to
 * DATA, and reports a loss before and after the `354` alike, so it can neither pause before DATA nor report the message's
 * outcome. The seam is its public `_socket`: we read the replies; nodemailer still watches the socket and reports its end
 * by `error` and `end`.
 */
export function openLine(
  target: MailTarget,
  limits: { connection_timeout_ms: number; reply_timeout_ms: number },
): Promise<Opened> {
  const connection = new SMTPConnection(connectionOptions(target, limits.connection_timeout_ms));
  return new Promise((resolve) => {
    let settled = false;
    const settle = (opened: Opened) => {
      clearTimeout(deadline);
      const late = settled;
      settled = true;
      // A session that opens after its deadline must not stay open unused.
      if (late || opened.kind === 'failed') connection.close();
      if (!late) resolve(opened);
    };
    const deadline = setTimeout(
      () => settle({ kind: 'failed', why: `no session within ${limits.connection_timeout_ms} ms` }),
      limits.connection_timeout_ms,
    );
    const fail = (error: OpenError) => {
      // When the connection closes, nodemailer also reports an unfinished reply, which is no answer.
      const unfinished = error.code === 'ECONNECTION' && error.command === 'CONN';
      const reply = unfinished ? null : parseReply(error.response ?? '');
      const why = printable(error.message);
      settle(reply === null ? { kind: 'failed', why } : { kind: 'failed', why, reply });
    };
    const gone = () => fail({ message: 'the server closed the connection' });
    const ready = () => {
      const line = takeOver(connection, limits.reply_timeout_ms);
      connection.off('error', fail).off('end', gone);
      settle({ kind: 'open', line });
    };
    connection.on('error', fail).on('end', gone);
    connection.connect((error) => {
      if (error) return fail(error);
      if (target.auth === null) return ready();
      connection.login(loginOf(target.auth), (refused) => (refused ? fail(refused) : ready()));
    });
  });
}

type OpenError = Pick<SMTPConnection.SMTPError, 'message'> &
  Partial<Pick<SMTPConnection.SMTPError, 'response' | 'code' | 'command'>>;

function connectionOptions(target: MailTarget, connection_timeout_ms: number): SMTPConnection.Options {
  return {
    host: target.host,
    port: target.port,
    secure: target.tls === 'implicit',
    requireTLS: target.tls === 'require',
    ignoreTLS: target.tls === 'off',
    name: target.name,
    connectionTimeout: connection_timeout_ms,
    greetingTimeout: connection_timeout_ms,
    dnsTimeout: connection_timeout_ms,
    // Only until the session is open: then each reply has its own deadline, which no slow drip can extend.
    socketTimeout: connection_timeout_ms,
    socketCloseTimeout: 0,
    logger: false,
    customAuth: { [BY_TOKEN]: showToken },
    tls: target.ca === undefined ? {} : { ca: target.ca },
  };
}

/** Our own name, so that a server that lists other methods first does not get the token by one of them. */
const BY_TOKEN = 'ACCESS-TOKEN';

function loginOf(auth: MailLogin): SMTPConnection.AuthenticationType {
  if ('pass' in auth) return auth;
  return { type: 'custom', method: BY_TOKEN, user: auth.user, pass: auth.access_token };
}

/**
 * XOAUTH2, once: nodemailer would send the same token twice. A server that explains its refusal in a challenge refuses
 * after an empty answer (developers.google.com/workspace/gmail/imap/xoauth2-protocol).
 */
async function showToken({
  auth,
  sendCommand,
}: SMTPConnection.CustomAuthenticationContext): Promise<boolean> {
  const { user, pass } = auth.credentials;
  const shown = Buffer.from(`user=${user}\u0001auth=Bearer ${pass}\u0001\u0001`).toString('base64');
  let reply = await sendCommand(`AUTH XOAUTH2 ${shown}`);
  if (reply.status === 334) reply = await sendCommand('');
  if (reply.status < 200 || reply.status > 299) throw new Error('the server rejected the token');
  return true;
}

/** Takes over reading replies from nodemailer after the login. */
function takeOver(connection: SMTPConnection, reply_timeout_ms: number): SmtpLine {
  const socket = connection._socket;
  if (!socket) throw new Error('nodemailer has no socket after connecting: its seam has moved');
  const reader = replyReader();
  let ended: string | null = null;
  let waiting: ((answer: Answer) => void) | null = null;

  const answer = (value: Answer) => {
    const settle = waiting;
    waiting = null;
    settle?.(value);
  };
  const end = (why: string) => {
    ended ??= why;
    answer({ kind: 'lost', why: ended });
  };
  const read = () => {
    if (waiting === null) return;
    const next = reader.next();
    if (next === null) return;
    if ('malformed' in next) answer({ kind: 'malformed', text: next.malformed });
    else answer({ kind: 'reply', reply: next });
  };
  const drop = (why: string) => {
    end(why);
    connection.close();
  };

  socket.removeAllListeners('data');
  socket.setTimeout(0);
  socket.on('data', (chunk: Buffer) => {
    reader.push(chunk);
    read();
  });
  connection.on('error', (error: Error) => end(printable(error.message)));
  connection.on('end', () => end('the server closed the connection'));

  const usable = () => ended === null && socket.writable && !reader.pending();
  const exchange = (bytes: Buffer): Promise<Answer> => {
    if (waiting !== null) throw new Error('a second command before the reply to the first');
    if (ended !== null || !socket.writable) {
      return Promise.resolve({ kind: 'lost', why: ended ?? 'the server closed the connection' });
    }
    // A reply that precedes its command belongs to something else: it would shift every later reply by one, so that "no
    // such user" would count as the answer to the message.
    if (reader.pending()) return Promise.resolve({ kind: 'malformed', text: 'an unrequested reply' });
    return new Promise((resolve) => {
      const timer = setTimeout(() => drop(`no reply within ${reply_timeout_ms} ms`), reply_timeout_ms);
      waiting = (value) => {
        clearTimeout(timer);
        resolve(value);
      };
      socket.write(bytes);
    });
  };

  return {
    ask: (command) => exchange(commandBytes(command)),
    askBody: (mime) => exchange(dotStuffed(mime)),
    usable,
    drop: () => drop('closed by us'),
    quit: () => leave(socket, () => drop('closed by us')),
  };
}

function leave(socket: Socket, drop: () => void): void {
  if (socket.destroyed || !socket.writable) {
    drop();
    return;
  }
  const timer = setTimeout(drop, QUIT_WAIT_MS);
  socket.once('close', () => clearTimeout(timer));
  socket.end('QUIT\r\n');
}

function commandBytes(command: string): Buffer {
  if (/[^\x20-\x7e]/.test(command)) throw new Error('an SMTP command with a character that is not allowed');
  return Buffer.from(`${command}\r\n`, 'ascii');
}

/** RFC 5321 section 4.5.2. A lone CR or LF becomes CRLF first: no server may see an end that we did not write. */
export function dotStuffed(mime: Buffer): Buffer {
  const lines = mime
    .toString('latin1')
    .replace(/\r\n|\r|\n/g, '\r\n')
    .replace(/^\./gm, '..');
  const closed = lines.endsWith('\r\n') || lines === '' ? lines : `${lines}\r\n`;
  return Buffer.from(`${closed}.\r\n`, 'latin1');
}

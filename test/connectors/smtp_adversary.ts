import { type AddressInfo, createServer, type Socket } from 'node:net';

/** The points at which the server can misbehave: the reply to a command, or the middle of the message. */
export type AdversaryStage =
  | 'greeting'
  | 'ehlo'
  | 'auth'
  | 'mail'
  | 'rcpt'
  | 'data'
  | 'body'
  | 'dot'
  | 'quit';

/** The misbehavior instead of the proper reply. `say` writes the text unchanged, without a line end. */
export type AdversaryMove =
  | { do: 'drop' }
  | { do: 'reset' }
  | { do: 'silence' }
  | { do: 'say'; text: string; drop_after?: true }
  | { do: 'drip'; text: string; every_ms: number };

export type AdversaryPlan = Partial<Record<AdversaryStage, AdversaryMove>>;

export type Adversary = {
  port: number;
  /** Messages it acknowledged with 250, which are delivered. */
  accepted: string[];
  /** Messages it received up to the final dot, acknowledged or not. */
  received: string[];
  /** Every command line, in order, over all sessions. */
  commands: string[];
  sessions: number;
  /** Sessions still open. */
  open_sessions: number;
  /** The number of 354 replies. */
  go_aheads: number;
  /** Drops every open session, as a server does with idle ones. */
  hangUp(say?: string): void;
  close(): Promise<void>;
};

type Session = {
  socket: Socket;
  session: number;
  message: number;
  buffered: string;
  mode: 'command' | 'message' | 'deaf';
};

const PROPER: Record<AdversaryStage, string> = {
  greeting: '220 adversary.test ESMTP\r\n',
  ehlo: '250-adversary.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-AUTH PLAIN LOGIN\r\n250 SMTPUTF8\r\n',
  auth: '235 2.7.0 welcome\r\n',
  mail: '250 2.1.0 ok\r\n',
  rcpt: '250 2.1.5 ok\r\n',
  data: '354 go ahead\r\n',
  body: '',
  dot: '250 2.0.0 queued as A1\r\n',
  quit: '221 2.0.0 bye\r\n',
};

/**
 * An SMTP server on a raw socket that keeps its own journal and misbehaves as planned. `plan` is called at every stage,
 * with the number of the session and of the message in it (both from 1).
 */
export async function startAdversary(
  plan: AdversaryPlan | ((session: number, message: number) => AdversaryPlan),
  options: { fragment?: boolean } = {},
): Promise<Adversary> {
  const planned = typeof plan === 'function' ? plan : () => plan;
  const open = new Set<Socket>();
  const journal = { accepted: [] as string[], received: [] as string[], commands: [] as string[] };
  const counts = { sessions: 0, go_aheads: 0 };

  const server = createServer((socket) => {
    counts.sessions += 1;
    const session: Session = { socket, session: counts.sessions, message: 1, buffered: '', mode: 'command' };
    open.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('close', () => open.delete(socket));
    socket.on('data', (chunk) => {
      session.buffered += chunk.toString('latin1');
      listenOn(session);
    });
    act(session, 'greeting');
  });

  const listenOn = (session: Session) => {
    while (session.mode !== 'deaf') {
      if (session.mode === 'message') {
        const end = session.buffered.indexOf('\r\n.\r\n');
        const fault = planned(session.session, session.message).body;
        if (fault !== undefined && session.buffered !== '') return act(session, 'body');
        if (end < 0) return;
        const message = session.buffered.slice(0, end + 2);
        session.buffered = session.buffered.slice(end + 5);
        session.mode = 'command';
        journal.received.push(message);
        if (act(session, 'dot')) journal.accepted.push(message);
        session.message += 1;
      } else {
        const end = session.buffered.indexOf('\r\n');
        if (end < 0) return;
        const command = session.buffered.slice(0, end);
        session.buffered = session.buffered.slice(end + 2);
        journal.commands.push(command);
        act(session, stageOf(command));
      }
    }
  };

  /** Makes the planned move or sends the proper reply. Returns whether the server's reply was a complete 2xx or 3xx. */
  const act = (session: Session, stage: AdversaryStage): boolean => {
    const move = planned(session.session, session.message)[stage];
    const { socket } = session;
    if (move === undefined || move.do === 'say') {
      const text = move?.text ?? PROPER[stage];
      say(socket, text, options.fragment === true);
      const went_well = /^[23]\d\d( [^\n]*)?\r?\n$/m.test(text);
      if (stage === 'data' && /^354/m.test(text)) {
        counts.go_aheads += 1;
        session.mode = 'message';
      }
      if (stage === 'body') session.mode = 'deaf';
      if (stage === 'quit' || move?.drop_after) socket.end();
      return went_well;
    }
    session.mode = 'deaf';
    if (move.do === 'drop') socket.end();
    if (move.do === 'reset') socket.resetAndDestroy();
    if (move.do === 'drip') drip(socket, move.text, move.every_ms);
    return false;
  };

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    ...journal,
    port: (server.address() as AddressInfo).port,
    get sessions() {
      return counts.sessions;
    },
    get open_sessions() {
      return open.size;
    },
    get go_aheads() {
      return counts.go_aheads;
    },
    hangUp(text = '') {
      for (const socket of open) socket.end(text);
    },
    close: () =>
      new Promise<void>((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function stageOf(command: string): AdversaryStage {
  const verb = command.slice(0, 4).toUpperCase();
  if (verb === 'EHLO' || verb === 'HELO') return 'ehlo';
  const known = (['auth', 'mail', 'rcpt', 'data', 'quit'] as const).find(
    (stage) => stage.toUpperCase() === verb,
  );
  if (known === undefined) throw new Error(`the adversary received an unknown command: ${command}`);
  return known;
}

/** With `fragment`, sends one byte per packet, so that no reply arrives in one piece. */
function say(socket: Socket, text: string, fragment: boolean): void {
  if (!fragment) socket.write(text, 'latin1');
  else for (const byte of text) socket.write(byte, 'latin1');
}

function drip(socket: Socket, text: string, every_ms: number): void {
  let at = 0;
  const timer = setInterval(() => socket.write(text[at++ % text.length] ?? ''), every_ms);
  socket.on('close', () => clearInterval(timer));
}

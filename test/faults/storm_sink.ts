import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { machineMs } from './shared_clock.ts';

/** One message as the sink saw it; times are readings of `machineMs`. */
export type JournalEntry = {
  /** The sink's port for this message: one for each worker. */
  slot: number;
  to: string;
  rcpt_ms: number;
  /** When the sink said 354. */
  data_ms: number | null;
  /** When the final dot had arrived, just before the sink replied 250: from here on it is delivered. */
  end_ms: number | null;
  message_id: string | null;
};

export type StormSink = {
  ports: readonly number[];
  journal: readonly JournalEntry[];
  close(): Promise<void>;
};

type Session = { slot: number; entry: JournalEntry | null; buffered: string; in_body: boolean };

const END = '\r\n.\r\n';

/**
 * A mail server that accepts everything and keeps its own journal. Like every mail server it does not wait forever: a
 * session that is silent for `silence_ms` is dropped, and a message it had not finished was never received.
 */
export async function startStormSink(slots: number, silence_ms: number): Promise<StormSink> {
  const journal: JournalEntry[] = [];
  const open = new Set<Socket>();
  const servers: Server[] = [];
  for (let slot = 0; slot < slots; slot += 1) {
    servers.push(
      createServer((socket) => serve(socket, { slot, entry: null, buffered: '', in_body: false })),
    );
  }
  const serve = (socket: Socket, session: Session) => {
    open.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('close', () => open.delete(socket));
    socket.setTimeout(silence_ms, () => socket.destroy());
    socket.on('data', (chunk) => {
      session.buffered += chunk.toString('latin1');
      while (step(socket, session, journal));
    });
    socket.write('220 sink.test ESMTP\r\n');
  };
  for (const server of servers) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  }
  return {
    ports: servers.map((server) => (server.address() as AddressInfo).port),
    journal,
    async close() {
      for (const socket of open) socket.destroy();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

/** Consumes one command or one message of the input. Returns whether there may be another. */
function step(socket: Socket, session: Session, journal: JournalEntry[]): boolean {
  if (session.in_body) {
    const end = session.buffered.indexOf(END);
    if (end < 0) return false;
    const entry = session.entry!;
    entry.message_id = /^message-id:\s*(<[^>]+>)/im.exec(session.buffered.slice(0, end))?.[1] ?? null;
    entry.end_ms = machineMs();
    session.buffered = session.buffered.slice(end + END.length);
    session.in_body = false;
    session.entry = null;
    socket.write('250 2.0.0 queued\r\n');
    return true;
  }
  const end = session.buffered.indexOf('\r\n');
  if (end < 0) return false;
  const line = session.buffered.slice(0, end);
  session.buffered = session.buffered.slice(end + 2);
  socket.write(answer(line, session, journal));
  if (/^quit/i.test(line)) socket.end();
  return true;
}

function answer(line: string, session: Session, journal: JournalEntry[]): string {
  const verb = line.slice(0, 4).toUpperCase();
  if (verb === 'EHLO') return '250-sink.test\r\n250 8BITMIME\r\n';
  if (verb === 'QUIT') return '221 2.0.0 bye\r\n';
  if (verb === 'RCPT') {
    const to = /<([^>]*)>/.exec(line)?.[1] ?? '';
    const { slot } = session;
    session.entry = { slot, to, rcpt_ms: machineMs(), data_ms: null, end_ms: null, message_id: null };
    journal.push(session.entry);
    return '250 2.1.5 ok\r\n';
  }
  if (verb === 'DATA') {
    if (session.entry === null) return '503 5.5.1 no recipient\r\n';
    session.entry.data_ms = machineMs();
    session.in_body = true;
    return '354 go ahead\r\n';
  }
  return '250 2.0.0 ok\r\n';
}

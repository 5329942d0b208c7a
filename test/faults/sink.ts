import { type AddressInfo, createServer, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { selfSigned } from '../connectors/self_signed.ts';
import type { AdversaryMove, AdversaryStage } from '../connectors/smtp_adversary.ts';
import { openSinkSession, type SinkSession } from './sink_session.ts';

/** The sink's action at a stage; `late` is a proper reply after a delay. */
export type SinkMove = AdversaryMove | { do: 'late'; text: string; after_ms: number };
export type SinkPlan = Partial<Record<AdversaryStage, SinkMove>> & {
  /** The sink offers STARTTLS, and then this happens. */
  starttls?: 'drop' | 'garbage' | 'untrusted';
  /** Every reply is written byte by byte. */
  fragment?: true;
};

/** Points at which a test may delay the sink: before its reply to a stage, just after its 354, or after its last reply. */
export type SinkPoint = AdversaryStage | 'go_ahead' | 'acknowledged';

/** One attempt to deliver a message, as the sink saw it. Times are readings of `performance.now()`. */
export type SinkEntry = {
  slot: number;
  /** The announced recipient of the attempt, and the sink's plan for it. */
  announced_to: string | null;
  mode: string | null;
  rcpt: string | null;
  message_id: string | null;
  /** When DATA arrived. */
  data_ms: number | null;
  /** When the sink said 354. */
  go_ahead_ms: number | null;
  /** When the final dot had arrived. */
  end_ms: number | null;
  /** Code of the last complete reply; null if the last question had none. The 354 itself does not count. */
  last_code: number | null;
};

export type SinkOptions = {
  /** The number of ports: one for each worker. */
  slots: number;
  /** Called before every reply; the sink waits for it. */
  hold?: (slot: number, point: SinkPoint, entry: SinkEntry) => Promise<void> | undefined;
};

export type Sink = {
  ports: readonly number[];
  /** Every attempt, in the order in which they began. */
  journal: readonly SinkEntry[];
  /** The next attempt on this port is for this address and follows this plan. */
  announce(slot: number, next: { to: string; mode: string; plan: SinkPlan }): void;
  close(): Promise<void>;
};

const PROPER: Record<AdversaryStage, string> = {
  greeting: '220 sink.test ESMTP\r\n',
  ehlo: '250-sink.test\r\n250-PIPELINING\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME\r\n',
  auth: '235 2.7.0 welcome\r\n',
  mail: '250 2.1.0 ok\r\n',
  rcpt: '250 2.1.5 ok\r\n',
  data: '354 go ahead\r\n',
  body: '',
  dot: '250 2.0.0 queued\r\n',
  quit: '221 2.0.0 bye\r\n',
};

type Slot = { at: number; plan: SinkPlan; entry: SinkEntry };
type Served = { slot: Slot; session: SinkSession; options: SinkOptions; begin: (slot: Slot) => void };

/**
 * A mail server on several ports that follows a plan at every stage of an attempt and keeps a journal of the messages it
 * accepted. Without a plan it accepts everything.
 */
export async function startSink(options: SinkOptions): Promise<Sink> {
  const journal: SinkEntry[] = [];
  const open = new Set<Socket>();
  const begin = (slot: Slot, announced: Partial<SinkEntry> = {}) => {
    slot.entry = { ...freshEntry(slot.at), ...announced };
    journal.push(slot.entry);
  };
  const slots = Array.from({ length: options.slots }, (_, at): Slot => {
    return { at, plan: {}, entry: freshEntry(at) };
  });
  const servers = slots.map((slot) =>
    createServer((socket) => {
      open.add(socket);
      socket.on('close', () => open.delete(socket));
      void serve({ slot, session: openSinkSession(socket), options, begin });
    }),
  );
  for (const server of servers) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  }
  return {
    ports: servers.map((server) => (server.address() as AddressInfo).port),
    journal,
    announce(at, { to, mode, plan }) {
      const slot = slots[at]!;
      slot.plan = plan;
      begin(slot, { announced_to: to, mode });
    },
    async close() {
      for (const socket of open) socket.destroy();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

function freshEntry(slot: number): SinkEntry {
  const unseen = { rcpt: null, message_id: null, data_ms: null, go_ahead_ms: null, end_ms: null };
  return { slot, announced_to: null, mode: null, ...unseen, last_code: null };
}

async function serve(served: Served): Promise<void> {
  const { slot, session } = served;
  if (!(await act(served, 'greeting'))) return;
  for (;;) {
    const command = await session.readLine();
    if (command === null) return;
    if (/^STARTTLS/i.test(command)) {
      startTls(slot, session);
      return;
    }
    const stage = stageOf(command);
    // An unannounced attempt begins here, and so does a further message in a kept session.
    const { announced_to, rcpt } = slot.entry;
    if (stage === 'mail' && (announced_to === null || rcpt !== null)) served.begin(slot);
    if (stage === 'rcpt') slot.entry.rcpt = /<([^>]*)>/.exec(command)?.[1] ?? '';
    if (stage === 'data') slot.entry.data_ms = performance.now();
    const goes_on = await act(served, stage);
    if (stage === 'quit') session.end();
    if (!goes_on || stage === 'quit') return;
    if (stage === 'data' && slot.entry.go_ahead_ms !== null && !(await takeMessage(served))) return;
  }
}

/** Reads the data after a 354. Returns whether the session continues. */
async function takeMessage(served: Served): Promise<boolean> {
  const { slot, session, options } = served;
  const { entry } = slot;
  await options.hold?.(slot.at, 'go_ahead', entry);
  if (!(await session.hasMore())) return false;
  await options.hold?.(slot.at, 'body', entry);
  if (slot.plan.body !== undefined) {
    await act(served, 'body');
    return false;
  }
  const message = await session.readMessage();
  if (message === null) return false;
  entry.message_id = /^message-id:\s*(<[^>]+>)/im.exec(message)?.[1] ?? null;
  entry.end_ms = performance.now();
  const goes_on = await act(served, 'dot');
  await options.hold?.(slot.at, 'acknowledged', entry);
  return goes_on;
}

/** Makes the planned move of a stage or sends the proper reply. Returns whether the session continues. */
async function act({ slot, session, options }: Served, stage: AdversaryStage): Promise<boolean> {
  const { entry, plan } = slot;
  if (stage !== 'body') await options.hold?.(slot.at, stage, entry);
  const move = plan[stage] ?? { do: 'say', text: properReply(stage, plan) };
  const note = (text: string) => {
    if (stage === 'quit') return;
    const is_go_ahead = stage === 'data' && /^354/m.test(text);
    if (is_go_ahead) entry.go_ahead_ms ??= performance.now();
    entry.last_code = is_go_ahead ? null : codeOf(text);
  };
  switch (move.do) {
    case 'say':
      note(move.text);
      session.say(move.text, plan.fragment === true);
      if (move.drop_after) session.end();
      return !move.drop_after;
    case 'late':
      note('');
      await new Promise((resolve) => setTimeout(resolve, move.after_ms));
      // A client that has hung up by now did not receive it.
      if (!session.isOpen()) return false;
      note(move.text);
      session.say(move.text, false);
      return true;
    case 'drip':
      note('');
      session.drip(move.text, move.every_ms);
      return false;
    default:
      note('');
      if (move.do === 'drop') session.end();
      if (move.do === 'reset') session.reset();
      return false;
  }
}

function properReply(stage: AdversaryStage, plan: SinkPlan): string {
  if (stage === 'ehlo' && plan.starttls !== undefined) return '250-sink.test\r\n250 STARTTLS\r\n';
  return PROPER[stage];
}

function startTls({ plan, entry }: Slot, session: SinkSession): void {
  entry.last_code = null;
  if (plan.starttls === 'drop') {
    session.end();
    return;
  }
  session.say('220 2.0.0 go ahead\r\n', false);
  if (plan.starttls === 'garbage') {
    session.say('not a handshake at all\r\n'.repeat(4), false);
    return;
  }
  const socket = new TLSSocket(session.detach(), { isServer: true, ...selfSigned() });
  socket.on('error', () => socket.destroy());
}

/** The code of a complete reply, in which all lines have it (RFC 5321 section 4.2.1); null for anything else. */
function codeOf(text: string): number | null {
  const lines = text.split(/(?<=\n)/).filter((line) => line.trim() !== '');
  const code = /^([2-5]\d\d)( [^\n]*)?\r\n$/.exec(lines.at(-1) ?? '')?.[1];
  return code !== undefined && lines.every((line) => line.startsWith(code)) ? Number(code) : null;
}

function stageOf(command: string): AdversaryStage {
  const verb = command.slice(0, 4).toLowerCase();
  if (verb === 'ehlo' || verb === 'helo') return 'ehlo';
  const known = (['auth', 'mail', 'rcpt', 'data', 'quit'] as const).find((stage) => stage === verb);
  if (known === undefined) throw new Error(`the sink received an unknown command: ${command}`);
  return known;
}

/** The outcome that an attempt must have, from the sink's replies alone: a 354 without a final reply leaves it unknown. */
export function truthOf(entry: SinkEntry): 'accepted' | 'rejected' | 'deferred' | 'unknown' {
  const { go_ahead_ms, last_code } = entry;
  if (last_code !== null && last_code >= 500) return 'rejected';
  if (last_code !== null && last_code >= 400) return 'deferred';
  if (go_ahead_ms === null) return 'deferred';
  return last_code !== null && last_code < 300 ? 'accepted' : 'unknown';
}

/** Whether the attempt may have delivered the message: it passed the final dot, and the sink did not refuse it. */
export function mayHaveDelivered(entry: SinkEntry): boolean {
  return entry.end_ms !== null && ['accepted', 'unknown'].includes(truthOf(entry));
}

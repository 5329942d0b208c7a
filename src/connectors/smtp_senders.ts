import { MINUTE_MS } from '../core/durations.ts';
import type { MailConnection } from '../mail/messages.ts';
import type { MailSender } from './connector.ts';
import { type MailTarget, targetOf } from './mail_server_url.ts';

export type SmtpSendersOptions = {
  /** Sends for mailboxes without their own server; null: they cannot send. */
  shared: MailSender | null;
  /** Opens a sender for one server. */
  open: (target: MailTarget) => MailSender;
  /** False: all mail goes to `shared`, as in fast runs, where nothing may leave this machine. */
  own_connections: boolean;
  /** An unused sender closes after this time; default 10 minutes. */
  idle_ms?: number;
};

const IDLE_MS = 10 * MINUTE_MS;

type Open = { key: string; sender: MailSender; under_way: number; timer: NodeJS.Timeout | null };

/**
 * One sender per mailbox with its own server, opened for its first message and closed when idle or when its settings
 * change; all other mailboxes share one. Unfinished sends complete first.
 */
export function smtpSenders(options: SmtpSendersOptions): MailSender {
  const { shared, open, own_connections, idle_ms = IDLE_MS } = options;
  const of_address = new Map<string, Open>();
  const closing = new Set<Promise<void>>();
  let closed = false;

  const close = (address: string, { sender, timer }: Open) => {
    of_address.delete(address);
    if (timer !== null) clearTimeout(timer);
    const done = sender.close().finally(() => closing.delete(done));
    closing.add(done);
  };
  const take = (address: string, connection: MailConnection): Open => {
    const target = targetOf(connection);
    const key = JSON.stringify(target);
    const known = of_address.get(address);
    if (known !== undefined && known.key === key) return known;
    if (known !== undefined) close(address, known);
    const opened: Open = { key, sender: open(target), under_way: 0, timer: null };
    of_address.set(address, opened);
    return opened;
  };
  const rest = (address: string, used: Open) => {
    if (used.under_way > 0 || of_address.get(address) !== used) return;
    if (used.timer !== null) clearTimeout(used.timer);
    used.timer = setTimeout(() => close(address, used), idle_ms);
    used.timer.unref();
  };

  return {
    async send(message, hooks) {
      const { connection, from } = message;
      if (closed) return { kind: 'deferred', response: 'the sender is closed' };
      if (connection === undefined || !own_connections) {
        if (shared !== null) return shared.send(message, hooks);
        return {
          kind: 'deferred',
          response: 'no mail server for the mailbox in this process',
          unreachable: true,
        };
      }
      const used = take(from.address, connection);
      used.under_way += 1;
      if (used.timer !== null) clearTimeout(used.timer);
      try {
        return await used.sender.send(message, hooks);
      } finally {
        used.under_way -= 1;
        rest(from.address, used);
      }
    },
    async verify(connection) {
      if (connection === undefined || !own_connections) return shared?.verify();
      const once = open(targetOf(connection));
      await once.verify().finally(() => once.close());
    },
    async close() {
      closed = true;
      for (const [address, one] of of_address) close(address, one);
      await Promise.all([...closing, shared?.close()]);
    },
  };
}

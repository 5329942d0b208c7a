import type {
  MailCursor,
  MailFolder,
  MailReceiver,
  ReceivedMail,
  ReceiveEnd,
  ReceiverState,
} from '../../src/connectors/mail_receiver.ts';

export type MailStore = {
  cursor: MailCursor | null;
  since: Date;
  /** Stored messages in order. */
  readonly mails: ReceivedMail[];
  readonly states: ReceiverState[];
  /** Messages that arrived again although the cursor was already past them. */
  readonly again: string[];
  bodies(): string[];
};

export type Receiving = { ended: Promise<ReceiveEnd>; stop(): Promise<ReceiveEnd> };

export function newStore(since = new Date('2026-01-01T00:00:00Z')): MailStore {
  const mails: ReceivedMail[] = [];
  const bodies = () => mails.map(({ raw }) => raw.toString().replace(/^.*?\r\n\r\n/s, ''));
  return { cursor: null, since, mails, states: [], again: [], bodies };
}

/**
 * Receives into a store in memory, as the product does into its database: message and cursor in one step. `crashes` runs
 * before each; a crash loses both, and receiving starts again from the stored cursor. `cursor_first` is the broken variant
 * that moves its cursor before it has the message.
 */
export function receiveInto(
  store: MailStore,
  receiver: MailReceiver,
  options: { folder?: MailFolder; crashes?: () => boolean; cursor_first?: boolean } = {},
): Receiving {
  const { folder = 'inbox', crashes = () => false, cursor_first = false } = options;
  const stopping = new AbortController();
  const onMessage = async (mail: ReceivedMail) => {
    const { uid_validity, uid } = mail;
    if (store.cursor?.uid_validity === uid_validity && uid <= store.cursor.last_uid) {
      store.again.push(`${uid_validity}/${uid}`);
    }
    const cursor = { uid_validity, last_uid: uid };
    if (cursor_first) store.cursor = cursor;
    await new Promise((resolve) => setImmediate(resolve));
    if (crashes()) throw new Crash('the process died');
    store.mails.push(mail);
    store.cursor = cursor;
  };
  const run = async (): Promise<ReceiveEnd> => {
    for (;;) {
      try {
        return await receiver.receive({
          folder,
          position: async () => ({ cursor: store.cursor, since: store.since }),
          onMessage,
          onCursor: async (cursor) => {
            store.cursor = cursor;
          },
          onState: (state) => store.states.push(state),
          signal: stopping.signal,
        });
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
      }
    }
  };
  const ended = run();
  return {
    ended,
    stop() {
      stopping.abort();
      return ended;
    },
  };
}

class Crash extends Error {}

/** A minimal message. */
export function smallMail(name: string): string {
  return `Message-ID: <${name}@lead.test>\r\nFrom: ada@lead.test\r\nSubject: Re: A question\r\n\r\n${name}`;
}

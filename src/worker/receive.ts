import { randomUUID } from 'node:crypto';
import type { MailCursor, MailFolder, MailReceiver, ReceivedMail } from '../connectors/mail_receiver.ts';
import type { Context } from '../context.ts';
import { errorText } from '../coordinator/gate/rows.ts';
import type { Scope } from '../coordinator/gate/scope.ts';
import { readInbound, takeInbound, unreadable } from '../coordinator/inbound/inbound.ts';
import { guesser } from '../coordinator/inbound/reply_classification.ts';
import { reportUnreadable } from '../coordinator/sending/mailboxes.ts';
import { DAY_MS, HOUR_MS } from '../core/durations.ts';
import { isTransient } from '../db/errors.ts';
import { advanceCursor, endLease, leaseCursor, markReadable, renewLease } from '../db/queries/inbound.gen.ts';
import { inScope } from './in_scope.ts';
import { rest } from './rest.ts';

/** A mailbox to read, and its reader. */
export type ReadMailbox = { org_id: string; mailbox_id: string; receiver: MailReceiver };

export type Receiving = { stop(): Promise<void> };

export type ReceiveSettings = {
  /** The time after which a reader that has not renewed its lease counts as dead. */
  lease_ms: number;
  /** The wait after a failure, or while another worker reads the folder. */
  rest_ms: number;
  /** The wait after a refusal: more frequent attempts might lock the account. */
  refused_ms: number;
};

export const RECEIVE_SETTINGS: ReceiveSettings = { lease_ms: 60_000, rest_ms: 15_000, refused_ms: HOUR_MS };

/** Replies also arrive in the spam folder. */
const FOLDERS: readonly MailFolder[] = ['inbox', 'junk'];
/** A mailbox read for the first time: older mail cannot concern recent messages. */
const FIRST_LOOK_MS = 7 * DAY_MS;
const STAGE = 'receive';

/**
 * Reads the folders of these mailboxes, each in its own loop, until stopped. A folder is leased, so one worker reads it; if
 * two do so briefly, each message is still taken once. After a refusal or a database failure, reading resumes after a rest.
 * Never throws.
 */
export function startReceiving(
  context: Context,
  mailboxes: readonly ReadMailbox[],
  settings: ReceiveSettings = RECEIVE_SETTINGS,
): Receiving {
  const stopping = new AbortController();
  const loops = mailboxes.flatMap((mailbox) =>
    FOLDERS.map((folder) => new FolderReader(context, mailbox, folder, settings).run(stopping.signal)),
  );
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}

/** One folder of one mailbox. */
class FolderReader {
  readonly #context: Context;
  readonly #mailbox: ReadMailbox;
  readonly #settings: ReceiveSettings;
  readonly #folder: MailFolder;
  readonly #key: { org_id: string; mailbox_id: string; folder: MailFolder };
  readonly #reader_id = randomUUID();

  constructor(context: Context, mailbox: ReadMailbox, folder: MailFolder, settings: ReceiveSettings) {
    this.#context = context;
    this.#mailbox = mailbox;
    this.#settings = settings;
    this.#folder = folder;
    this.#key = { org_id: mailbox.org_id, mailbox_id: mailbox.mailbox_id, folder };
  }

  async run(stopping: AbortSignal): Promise<void> {
    while (!stopping.aborted) {
      let is_refused = false;
      try {
        if ((await this.#lease()) !== null) is_refused = await this.#read(stopping);
      } catch (err) {
        this.#context.metrics?.failed(STAGE);
        this.#context.log.error({ err, ...this.#key, stage: STAGE }, 'a mailbox cannot be read; retrying');
      }
      const { rest_ms, refused_ms } = this.#settings;
      if (!stopping.aborted) await rest(is_refused ? refused_ms : rest_ms, stopping);
    }
  }

  /** Reads until stopped or until another worker took over; true: a person must look. */
  async #read(stopping: AbortSignal): Promise<boolean> {
    const lost = new AbortController();
    const renewing = setInterval(() => {
      this.#renew().then(
        (is_ours) => is_ours || lost.abort(),
        () => lost.abort(),
      );
    }, this.#settings.lease_ms / 3);
    let error: string | null = null;
    let is_refused = false;
    try {
      const end = await this.#mailbox.receiver.receive({
        folder: this.#folder,
        position: () => this.#position(),
        onMessage: (message) => this.#take(message),
        onCursor: (cursor) => this.#work(async (scope) => void (await this.#advance(scope, cursor))),
        onState: ({ kind }) => {
          if (kind === 'watching') this.#markReadable();
        },
        signal: AbortSignal.any([stopping, lost.signal]),
      });
      is_refused = end.kind !== 'stopped';
      // Few providers have no spam folder.
      if (end.kind === 'refused' || (end.kind === 'no_folder' && this.#folder === 'inbox')) {
        const reason = (end.response || end.kind).slice(0, 1_000);
        error = reason;
        await this.#work((scope) => reportUnreadable(scope, this.#mailbox.mailbox_id, reason));
      }
    } finally {
      clearInterval(renewing);
      await this.#release(error);
    }
    return is_refused;
  }

  #markReadable(): void {
    const log = this.#context.log;
    const mark = this.#work(({ tx }) => markReadable.run(this.#key, tx));
    mark.catch((err) =>
      log.warn({ err, ...this.#key }, 'a mailbox is readable again, but this could not be recorded'),
    );
  }

  /**
   * Stores the message, its effects, and the position in one transaction. A message that fails for its content is set
   * aside, so it delays later messages no longer.
   */
  async #take(message: ReceivedMail): Promise<void> {
    const context = this.#context;
    const { org_id, mailbox_id } = this.#mailbox;
    const { folder, uid_validity, uid, internal_date } = message;
    const place = {
      source: 'imap',
      mailbox_id,
      folder,
      uid_validity,
      uid,
      received_at: internal_date,
    } as const;
    const store = (read: Awaited<ReturnType<typeof readInbound>>) =>
      this.#work(async (scope) => {
        const taken = await takeInbound(scope, read, place, context.secret);
        await this.#advance(scope, { uid_validity, last_uid: uid });
        return taken;
      });
    const raw = bytesOf(message);
    try {
      if (message.fault !== null) await store(unreadable(raw, message.fault));
      else
        await store(
          await readInbound(raw, { readMail: context.readMail, classify: guesser(context, org_id) }),
        );
    } catch (err) {
      if (isTransient(err)) throw err;
      context.log.error(
        { err, ...this.#key, uid, stage: STAGE },
        'a message cannot be stored and is set aside',
      );
      await store(unreadable(raw, errorText(err)));
    }
    context.metrics?.worked(STAGE, { claimed: 1, seconds: 0 });
    context.nudge();
  }

  async #position(): Promise<{ cursor: MailCursor | null; since: Date }> {
    const since = new Date(this.#context.clock.now_ms() - FIRST_LOOK_MS);
    const leased = await this.#lease();
    if (leased === null) throw new Error('another worker is reading this mailbox');
    const { uid_validity, last_uid } = leased;
    if (uid_validity === null || last_uid === null) return { cursor: null, since };
    return { cursor: { uid_validity: Number(uid_validity), last_uid: Number(last_uid) }, since };
  }

  #lease() {
    return this.#work(async ({ tx, clock, process_id = null }) => {
      const now = clock.now();
      const lease = { reader_id: this.#reader_id, process_id, lease_until: this.#until(), now };
      const [row] = await leaseCursor.run({ ...this.#key, ...lease }, tx);
      return row ?? null;
    });
  }

  #renew(): Promise<boolean> {
    return this.#work(async ({ tx }) => {
      const lease = { reader_id: this.#reader_id, lease_until: this.#until() };
      return (await renewLease.run({ ...this.#key, ...lease }, tx)).length > 0;
    });
  }

  async #release(error: string | null): Promise<void> {
    await this.#work(async ({ tx }) => {
      await endLease.run({ ...this.#key, reader_id: this.#reader_id, error }, tx);
    });
  }

  #until(): Date {
    const { clock } = this.#context;
    return new Date(clock.now_ms() + this.#settings.lease_ms * clock.speed);
  }

  async #advance(scope: Scope, cursor: MailCursor): Promise<void> {
    await advanceCursor.run({ ...this.#key, ...cursor, now: scope.clock.now() }, scope.tx);
  }

  #work<T>(run: Parameters<typeof inScope<T>>[2]): Promise<T> {
    return inScope(this.#context, { org_id: this.#mailbox.org_id, stage: STAGE }, run);
  }
}

/** A message that could not be fetched has no bytes: its position identifies it. */
function bytesOf({ raw, folder, uid_validity, uid }: ReceivedMail): Buffer {
  return raw.length > 0 ? raw : Buffer.from(`${folder} ${uid_validity} ${uid}`);
}

import { DAY_MS } from '../core/durations.ts';
import { type ImapFolder, SessionLost } from './imap_session.ts';
import type { MailCursor, ReceivedMail, ReceiveOptions } from './mail_receiver.ts';

/** What is remembered over sessions: a message that the server will not hand over, and how often it did not. */
export type Reluctance = { uid_validity: number; uid: number; times: number };

export type Reading = ReceiveOptions & {
  max_bytes: number;
  reluctance: Reluctance;
  /** Told of everything that shows the session to be of use. */
  onProgress(): void;
};

const MAX_HEADER_BYTES = 256 * 1024;
// Once may be a hiccup of the server's storage. What it refuses three times would block all behind it for ever.
const RELUCTANT_TIMES = 3;

/**
 * Hands on what the folder has and gets, until the session is lost, and says why it was; or until the signal.
 * What the caller's own functions throw comes out.
 */
export async function readFolder(folder: ImapFolder, reading: Reading): Promise<string> {
  try {
    let last_uid = await begin(folder, reading);
    let told: boolean | null = null;
    while (!reading.signal.aborted) {
      last_uid = await handOn(folder, reading, await folder.uidsAfter(last_uid), last_uid);
      if (reading.signal.aborted) break;
      if (told !== folder.idles()) {
        told = folder.idles();
        reading.onState?.({ kind: 'watching', by: told ? 'idle' : 'poll' });
      }
      await folder.change();
    }
    return 'stopped';
  } catch (error) {
    if (error instanceof SessionLost) return error.message;
    throw error;
  } finally {
    folder.close();
  }
}

/**
 * The UID behind which to go on. Without a cursor that fits, what came since the given day is handed on first;
 * only what was there at the opening, since what comes later need not bear a date as young.
 */
async function begin(folder: ImapFolder, reading: Reading): Promise<number> {
  const { cursor, since } = await reading.position();
  if (cursor !== null && fits(cursor, folder)) return cursor.last_uid;
  const last_uid = folder.uid_next === null ? await highestUid(folder) : folder.uid_next - 1;
  // SINCE compares days, in the server's zone: a day earlier misses nothing.
  const uids = await folder.uidsSince(new Date(since.getTime() - DAY_MS));
  const there = uids.filter((uid) => uid <= last_uid);
  await handOn(folder, reading, there, 0);
  if (reading.signal.aborted) return last_uid;
  await reading.onCursor({ uid_validity: folder.uid_validity, last_uid });
  return last_uid;
}

/**
 * A server that was restored from a backup may keep its UIDVALIDITY and give UIDs out again, which no server
 * may. It shows by a next UID that the cursor has already passed.
 */
function fits(cursor: MailCursor, folder: ImapFolder): boolean {
  if (cursor.uid_validity !== folder.uid_validity) return false;
  return folder.uid_next === null || cursor.last_uid < folder.uid_next;
}

async function highestUid(folder: ImapFolder): Promise<number> {
  return (await folder.uidsAfter(0)).at(-1) ?? 0;
}

/** One after the other; returns the last UID that the caller took. */
async function handOn(
  folder: ImapFolder,
  reading: Reading,
  uids: readonly number[],
  last_uid: number,
): Promise<number> {
  let taken_uid = last_uid;
  for (const uid of uids) {
    if (reading.signal.aborted) break;
    const message = await take(folder, reading, uid);
    if (message !== null) {
      await reading.onMessage(message);
      reading.onProgress();
    }
    taken_uid = uid;
  }
  return taken_uid;
}

/** Null: it has been removed. */
async function take(folder: ImapFolder, reading: Reading, uid: number): Promise<ReceivedMail | null> {
  const about = { folder: reading.folder, uid_validity: folder.uid_validity, uid };
  const { reluctance, max_bytes } = reading;
  const refused_before = reluctance.uid === uid && reluctance.uid_validity === folder.uid_validity;
  if (refused_before && reluctance.times >= RELUCTANT_TIMES) {
    return { ...about, internal_date: null, size_bytes: 0, raw: Buffer.alloc(0), fault: 'unreadable' };
  }
  const refuse = () => {
    Object.assign(reluctance, about, { times: refused_before ? reluctance.times + 1 : 1 });
  };
  const fetched = await folder.fetch(uid).catch((error: unknown) => {
    if (error instanceof SessionLost && error.refused) refuse();
    throw error;
  });
  if (fetched === null) {
    if (!(await folder.has(uid))) return null;
    refuse();
    throw new SessionLost(`the server lists message ${uid} and does not hand it over`);
  }
  const { size_bytes, internal_date, source } = fetched;
  if (source.length <= max_bytes) return { ...about, internal_date, size_bytes, raw: source, fault: null };
  return { ...about, internal_date, size_bytes, raw: headerOf(source), fault: 'too_big' };
}

/** Copied, so that the rest of the source is not kept in memory with it. */
function headerOf(source: Buffer): Buffer {
  const ends = ['\r\n\r\n', '\n\n'].map((mark) => {
    const at = source.indexOf(mark);
    return at < 0 ? MAX_HEADER_BYTES : at + mark.length;
  });
  return Buffer.from(source.subarray(0, Math.min(MAX_HEADER_BYTES, ...ends)));
}

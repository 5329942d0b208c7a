import { DAY_MS } from '../core/durations.ts';
import { type ImapFolder, SessionLost } from './imap_session.ts';
import type { MailCursor, ReceivedMail, ReceiveOptions } from './mail_receiver.ts';

/** Kept across sessions: a message that the server refuses to return, and how often it did. */
export type Reluctance = { uid_validity: number; uid: number; times: number };

export type Reading = ReceiveOptions & {
  max_bytes: number;
  reluctance: Reluctance;
  /** Called after each delivered message: the session is useful. */
  onProgress(): void;
};

const MAX_HEADER_BYTES = 256 * 1024;
// One refusal may be a storage fault of the server. A message refused three times would block all later ones forever.
const RELUCTANT_TIMES = 3;

/**
 * Delivers the folder's messages, old and new, until the session is lost, and returns the cause; or until the signal. Throws
 * what the caller's own functions throw.
 */
export async function readFolder(folder: ImapFolder, reading: Reading): Promise<string> {
  try {
    let last_uid = await begin(folder, reading);
    let told: boolean | null = null;
    while (!reading.signal.aborted) {
      last_uid = await deliverAll(folder, reading, await folder.uidsAfter(last_uid), last_uid);
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
 * The UID after which to continue. Without a valid cursor, first delivers the messages received since the given day; only
 * those present at the opening, since later ones may have an older date.
 */
async function begin(folder: ImapFolder, reading: Reading): Promise<number> {
  const { cursor, since } = await reading.position();
  if (cursor !== null && fits(cursor, folder)) return cursor.last_uid;
  const last_uid = folder.uid_next === null ? ((await folder.uidsAfter(0)).at(-1) ?? 0) : folder.uid_next - 1;
  // SINCE compares days, in the server's zone: a day earlier misses nothing.
  const uids = await folder.uidsSince(new Date(since.getTime() - DAY_MS));
  const there = uids.filter((uid) => uid <= last_uid);
  await deliverAll(folder, reading, there, 0);
  if (reading.signal.aborted) return last_uid;
  await reading.onCursor({ uid_validity: folder.uid_validity, last_uid });
  return last_uid;
}

/**
 * A server restored from a backup may keep its UIDVALIDITY and wrongly assign UIDs again. Its next UID then is one that the
 * cursor has already passed.
 */
function fits(cursor: MailCursor, folder: ImapFolder): boolean {
  if (cursor.uid_validity !== folder.uid_validity) return false;
  return folder.uid_next === null || cursor.last_uid < folder.uid_next;
}

/** Delivers one message after the other; returns the last UID that the caller took. */
async function deliverAll(
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

/** Null if the message was removed. */
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
    throw new SessionLost(`the server lists message ${uid} but does not return it`);
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

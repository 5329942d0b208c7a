import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** One caught message: a line of the journal. `raw_encoding` is set only if the bytes are not UTF-8. */
export type CaughtRecord = {
  received_at: string;
  envelope: { from: string; to: string[] };
  message_id: string;
  subject: string;
  raw: string;
  raw_encoding?: 'latin1';
};

export type NumberedRecord = { number: number; record: CaughtRecord };

export type Journal = {
  /** The newest records, oldest first. `number` is the line in the journal. */
  readonly recent: readonly NumberedRecord[];
  readonly count: number;
  /** Resolves with the number once the operating system has the line; calls keep their order. */
  append(record: CaughtRecord): Promise<number>;
  /**
   * Removes the records that `isErased` selects from memory and from the file, old ones included, and resolves with their
   * count. Their numbers are not reused. The file is replaced as a whole, so a crash leaves the old or the new one; appends
   * wait.
   */
  erase(isErased: (record: CaughtRecord) => boolean): Promise<number>;
  close(): Promise<void>;
};

// Both limits bound the memory of a catcher that runs for weeks; the file keeps everything.
const MAX_RECENT = 5_000;
const MAX_RECENT_CHARS = 128 * 1024 * 1024;

/**
 * Opens `caught.jsonl` in `dir` (creating it if missing), reads it line by line, and keeps the newest 5,000 records. A line
 * cut off by a crash is skipped but keeps its number, and the next record starts a new line.
 */
export async function openJournal(dir: string, max_recent = MAX_RECENT): Promise<Journal> {
  await mkdir(dir, { recursive: true });
  const path = join(dir, 'caught.jsonl');
  // Left behind by a crash; the file itself is whole.
  await rm(replacementOf(path), { force: true });
  let file = await openFile(path);
  const loaded = await load(path, max_recent);
  if (!(await endsInNewline(file))) await file.appendFile('\n');

  let { recent, count } = loaded;
  let chars = recent.reduce((total, { record }) => total + record.raw.length, 0);
  let tail: Promise<unknown> = Promise.resolve();
  const inTurn = (work: () => Promise<number>) => {
    const done = tail.then(work);
    tail = done.catch(() => undefined);
    return done;
  };
  const remember = (record: CaughtRecord) => {
    count += 1;
    recent.push({ number: count, record });
    chars += record.raw.length;
    let drop = Math.max(0, recent.length - max_recent);
    while (chars > MAX_RECENT_CHARS && drop < recent.length - 1)
      chars -= recent[drop++]?.record.raw.length ?? 0;
    if (drop > 0) recent = recent.slice(drop);
    return count;
  };
  return {
    get recent() {
      return recent;
    },
    get count() {
      return count;
    },
    append: (record) =>
      inTurn(async () => {
        await file.appendFile(`${JSON.stringify(record)}\n`);
        return remember(record);
      }),
    erase: (isErased) =>
      inTurn(async () => {
        const erased_count = await rewrite(path, isErased);
        if (erased_count === 0) return 0;
        await file.close();
        file = await openFile(path);
        recent = recent.filter(({ record }) => !isErased(record));
        chars = recent.reduce((total, { record }) => total + record.raw.length, 0);
        return erased_count;
      }),
    async close() {
      await tail;
      await file.close();
    },
  };
}

/** Its readers see everyone's mail and could unsubscribe them. */
async function openFile(path: string): Promise<FileHandle> {
  const file = await open(path, 'a+', 0o600);
  await file.chmod(0o600);
  return file;
}

const replacementOf = (path: string) => `${path}.erasing`;

/** Replaces a line, so that later lines keep their numbers. */
const ERASED_LINE = '{"erased":true}\n';

/**
 * Writes a new file beside the old one and replaces it once it is on disk. Unreadable lines, cut off by a crash, are
 * removed too, since they may hold the erased person's words. A file without matching messages stays unchanged.
 */
async function rewrite(path: string, isErased: (record: CaughtRecord) => boolean): Promise<number> {
  const replacement = await open(replacementOf(path), 'w', 0o600);
  let erased_count = 0;
  try {
    for await (const line of linesOf(path)) {
      const record = readRecord(line);
      const is_erased = record !== null && isErased(record);
      if (is_erased) erased_count += 1;
      await replacement.appendFile(record === null || is_erased ? ERASED_LINE : `${line}\n`);
    }
    if (erased_count > 0) await replacement.sync();
  } finally {
    await replacement.close();
  }
  if (erased_count === 0) await rm(replacementOf(path));
  else await replace(path);
  return erased_count;
}

async function replace(path: string): Promise<void> {
  await rename(replacementOf(path), path);
  await using directory = await open(dirname(path));
  await directory.sync();
}

/** Text if the bytes are UTF-8, as all our mail is; else one character per byte, without loss. */
export function rawText(bytes: Buffer): Pick<CaughtRecord, 'raw' | 'raw_encoding'> {
  return isUtf8(bytes)
    ? { raw: bytes.toString('utf8') }
    : { raw: bytes.toString('latin1'), raw_encoding: 'latin1' };
}

export function rawBytes(record: CaughtRecord): Buffer {
  return Buffer.from(record.raw, record.raw_encoding ?? 'utf8');
}

async function load(path: string, max: number): Promise<{ recent: NumberedRecord[]; count: number }> {
  let count = 0;
  let kept: { number: number; line: string }[] = [];
  for await (const line of linesOf(path)) {
    count += 1;
    kept.push({ number: count, line });
    if (kept.length >= 2 * max) kept = kept.slice(-max);
  }
  const recent = kept.slice(-max).flatMap(({ number, line }) => {
    const record = readRecord(line);
    return record === null ? [] : [{ number, record }];
  });
  return { recent, count };
}

/** Splits at line feeds only: JSON keeps other line ends (U+2028) within a message. */
async function* linesOf(path: string): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let begin = 0;
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, begin)) {
      yield Buffer.concat([...parts, chunk.subarray(begin, end)]).toString('utf8');
      parts = [];
      begin = end + 1;
    }
    parts.push(chunk.subarray(begin));
  }
  const rest = Buffer.concat(parts);
  if (rest.length > 0) yield rest.toString('utf8');
}

function readRecord(line: string): CaughtRecord | null {
  try {
    const record = JSON.parse(line) as CaughtRecord;
    return typeof record?.raw === 'string' && Array.isArray(record.envelope?.to) ? record : null;
  } catch {
    return null;
  }
}

async function endsInNewline(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return true;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] === 0x0a;
}

import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** One caught message: a line of the journal. `raw_encoding` is there only if the bytes are no UTF-8. */
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
  /** Resolves with the number once the line was handed to the operating system; calls keep their order. */
  append(record: CaughtRecord): Promise<number>;
  close(): Promise<void>;
};

// Both bound the memory of a catcher that runs for weeks; the file keeps everything.
const MAX_RECENT = 5_000;
const MAX_RECENT_CHARS = 128 * 1024 * 1024;

/**
 * Opens `caught.jsonl` in `dir` (made if missing), reads it line by line and keeps the newest 5,000 records.
 * A line that was cut off by a crash is skipped; it keeps its number, and the next one begins a new line.
 */
export async function openJournal(dir: string, max_recent = MAX_RECENT): Promise<Journal> {
  await mkdir(dir, { recursive: true });
  const path = join(dir, 'caught.jsonl');
  // Whoever reads it reads everyone's mail, and may unsubscribe them.
  const file = await open(path, 'a+', 0o600);
  await file.chmod(0o600);
  const loaded = await load(path, max_recent);
  if (!(await endsInNewline(file))) await file.appendFile('\n');

  let { recent, count } = loaded;
  let chars = recent.reduce((total, { record }) => total + record.raw.length, 0);
  let tail: Promise<unknown> = Promise.resolve();
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
    append(record) {
      const written = tail.then(async () => {
        await file.appendFile(`${JSON.stringify(record)}\n`);
        return remember(record);
      });
      tail = written.catch(() => undefined);
      return written;
    },
    async close() {
      await tail;
      await file.close();
    },
  };
}

/** Text where the bytes are UTF-8, as all of our own mail is; else one character per byte, nothing lost. */
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
  for await (const line of createInterface({
    input: createReadStream(path),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
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

import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';
import { isRecord } from '../../core/json.ts';
import { AppError } from '../../errors.ts';
import {
  COLUMNS_MAX,
  emptyFile,
  RECORD_MAX_BYTES,
  type SourceRow,
  unreadable,
  uploadedChunks,
} from './import_source.ts';
import { importTurns } from './import_turns.ts';

/** A JSON file is held in memory; larger files go as CSV. */
const JSON_MAX_BYTES = 50 * (1 << 20);
const DEPTH_MAX = 64;
/** Parsed at once: a millisecond at worst, unless a single item takes longer. */
const ITEMS_AT_ONCE = 20;
const BYTES_AT_ONCE = 16_384;

/**
 * Reads an array of objects as rows under one header with the names of all objects. Throws `csv_empty`, `csv_encoding`,
 * `csv_invalid`, `json_invalid` (400), and `json_too_large` (413).
 */
export async function* readJson(stream: Readable): AsyncGenerator<readonly SourceRow[]> {
  const bytes = await readAll(stream);
  const items: unknown[] = [];
  const places = new Map<string, number>();
  const reader = new ArrayReader(bytes);
  while (!reader.has_ended) {
    const more = await importTurns.run(() => reader.next());
    for (const item of more) {
      items.push(item);
      if (isRecord(item))
        for (const name of Object.keys(item)) places.set(name, places.get(name) ?? places.size);
      if (places.size > COLUMNS_MAX)
        throw unreadable('csv_invalid', items.length, `more than ${COLUMNS_MAX} different names`);
    }
  }
  if (items.length === 0) throw emptyFile();
  yield [{ line: 0, cells: [...places.keys()] }];
  for (let from = 0; from < items.length; from += ITEMS_AT_ONCE) {
    const some = items.slice(from, from + ITEMS_AT_ONCE);
    yield await importTurns.run(() =>
      some.map((item, at) => ({ line: from + at + 1, cells: isRecord(item) ? cellsOf(item, places) : null })),
    );
  }
}

/** Only the cells of the object, so that a row costs no more than its own size. */
function cellsOf(item: Record<string, unknown>, places: ReadonlyMap<string, number>): unknown[] {
  const cells: unknown[] = [];
  for (const [name, value] of Object.entries(item)) cells[places.get(name)!] = value;
  return cells;
}

async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of uploadedChunks(stream)) {
    bytes += chunk.length;
    if (bytes > JSON_MAX_BYTES) {
      throw new AppError('json_too_large', 'The JSON is larger than 50 MiB.', {
        hint: 'Send CSV, which has no size limit, or split the file.',
      });
    }
    chunks.push(chunk);
  }
  if (bytes === 0) throw emptyFile();
  return Buffer.concat(chunks);
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const LIST = 0x5b;
const LIST_END = 0x5d;
const OBJECT = 0x7b;
const OBJECT_END = 0x7d;

/** Parses the items of an array in small steps. */
class ArrayReader {
  readonly #bytes: Buffer;
  #at: number;
  /** Where the current item begins. */
  #from: number;
  #depth = 0;
  #is_in_text = false;
  #item_count = 0;
  has_ended = false;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    const begins = bytes.subarray(0, 3).equals(BYTE_ORDER_MARK) ? 3 : 0;
    this.#at = begins + blanksAt(bytes, begins);
    if (bytes[this.#at] !== LIST) throw jsonInvalid('expected an array of objects');
    this.#at += 1;
    this.#from = this.#at;
  }

  /** The items that end in the next few bytes. */
  next(): unknown[] {
    const items: unknown[] = [];
    const until = Math.min(this.#at + BYTES_AT_ONCE, this.#bytes.length);
    for (; this.#at < until && !this.has_ended; this.#at += 1) {
      const byte = this.#bytes[this.#at]!;
      if (this.#is_in_text) {
        if (byte === BACKSLASH) this.#at += 1;
        else if (byte === QUOTE) this.#is_in_text = false;
      } else if (byte === QUOTE) this.#is_in_text = true;
      else if (byte === LIST || byte === OBJECT) this.#depth += 1;
      else if (this.#depth === 0 && (byte === COMMA || byte === LIST_END)) this.#endItem(byte, items);
      else if (byte === LIST_END || byte === OBJECT_END) this.#depth -= 1;
      if (this.#depth > DEPTH_MAX)
        throw jsonInvalid(`an object is nested more than ${DEPTH_MAX} levels deep`);
      if (this.#at - this.#from > RECORD_MAX_BYTES)
        throw jsonInvalid(`object ${this.#item_count + 1} is longer than 256 KiB`);
    }
    if (this.#at >= this.#bytes.length && !this.has_ended) throw jsonInvalid('the file ends too early');
    return items;
  }

  #endItem(byte: number, items: unknown[]): void {
    const item = this.#bytes.subarray(this.#from, this.#at);
    this.has_ended = byte === LIST_END;
    const is_empty = this.#item_count === 0 && this.has_ended && blanksAt(item, 0) === item.length;
    if (!is_empty) items.push(this.#parsed(item));
    this.#item_count += 1;
    this.#from = this.#at + 1;
    if (this.has_ended && this.#from + blanksAt(this.#bytes, this.#from) < this.#bytes.length)
      throw jsonInvalid('unexpected text after the array');
  }

  #parsed(item: Buffer): unknown {
    if (!isUtf8(item)) throw unreadable('csv_encoding', 1, 'not UTF-8');
    try {
      return JSON.parse(item.toString('utf8'));
    } catch {
      // The engine's message quotes the text around the fault, which may be personal data.
      throw jsonInvalid(`object ${this.#item_count + 1} is invalid`);
    }
  }
}

const BYTE_ORDER_MARK = Buffer.from('\ufeff');
const BLANKS = new Set([0x20, 0x09, 0x0a, 0x0d]);

/** Counts blanks from `from` on, up to the maximum size of an object. */
function blanksAt(bytes: Buffer, from: number): number {
  let count = 0;
  while (count <= RECORD_MAX_BYTES && BLANKS.has(bytes[from + count]!)) count += 1;
  return count;
}

const jsonInvalid = (message: string) => new AppError('json_invalid', `The JSON is invalid: ${message}.`);

import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';
import { CsvError, type Parser, parse } from 'csv-parse';
import type { AppError } from '../../errors.ts';
import {
  COLUMNS_MAX,
  emptyFile,
  RECORD_MAX_BYTES,
  type SourceRow,
  unreadable,
  uploadedChunks,
} from './import_source.ts';
import { importTurns } from './import_turns.ts';

/** Parsed at once: half a millisecond at worst. */
const PIECE_BYTES = 2_048;
/** The delimiter is looked for within these. */
const HEAD_BYTES = 65_536;
const NEWLINE = 10;
const RETURN = 13;

/**
 * Reads CSV (RFC 4180) of any size in bounded memory: comma, semicolon, or tab as in the header; LF, CRLF, or CR; with or
 * without BOM; strictly UTF-8. The first row is the header, or the second after the `sep=;` line of spreadsheets; blank
 * rows are skipped. Throws `csv_empty`, `csv_encoding`, and `csv_invalid`, the latter two with the line.
 */
export async function* readCsv(stream: Readable): AsyncGenerator<readonly SourceRow[]> {
  const blocks = wholeLines(stream);
  const first = await blocks.next();
  if (first.done) throw emptyFile();
  const reader = new CsvReader(beginningOfFile(first.value));
  let is_empty = true;
  for await (const block of restored(first.value, blocks)) {
    for (let at = 0; at < block.length; at += PIECE_BYTES) {
      const rows = await reader.read(block.subarray(at, at + PIECE_BYTES));
      if (rows.length === 0) continue;
      is_empty = false;
      yield rows;
    }
  }
  const last = await reader.end();
  if (last.length > 0) yield last;
  else if (is_empty) throw emptyFile();
}

/** Parses piece by piece, each within its slice of a turn. Throws `csv_invalid`. */
class CsvReader {
  readonly #parser: Parser;
  #rows: SourceRow[] = [];
  #ended_line = 0;

  constructor({ delimiter, header_line }: Beginning) {
    this.#parser = parse({
      bom: true,
      trim: true,
      skip_empty_lines: true,
      delimiter,
      from_line: header_line,
      max_record_size: RECORD_MAX_BYTES,
      // The parser's own output has single records without their lines.
      on_record: (cells, { lines }) => {
        this.#take(cells, lines);
        return undefined;
      },
    });
    // read and end reject with the failure. Without a listener it would end the process.
    this.#parser.on('error', () => undefined);
  }

  /** The rows that end in this piece. */
  async read(piece: Buffer): Promise<readonly SourceRow[]> {
    return this.#rowsAfter((done) => this.#parser.write(piece, done));
  }

  async end(): Promise<readonly SourceRow[]> {
    return this.#rowsAfter((done) => this.#parser.end(done));
  }

  async #rowsAfter(step: (done: (error?: Error | null) => void) => unknown): Promise<readonly SourceRow[]> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    await importTurns.run(() => step((error) => (error ? reject(error) : resolve())));
    try {
      await promise;
    } catch (error) {
      throw error instanceof CsvError ? explained(error, this.#ended_line + 1) : error;
    }
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }

  #take(cells: string[], lines: number): void {
    const line = beginningOf(cells, this.#ended_line, lines);
    this.#ended_line = lines;
    if (cells.length > COLUMNS_MAX) throw tooManyColumns(line);
    if (cells.some((cell) => cell !== '')) this.#rows.push({ line, cells });
  }
}

async function* restored(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}

/**
 * The upload in blocks that end at a line end. No byte of a longer UTF-8 sequence looks like a line end, so each block can
 * be checked alone.
 */
async function* wholeLines(stream: Readable): AsyncGenerator<Buffer> {
  let line = 1;
  let held: Buffer[] = [];
  let held_bytes = 0;
  for await (const chunk of uploadedChunks(stream)) {
    const end = chunk.lastIndexOf(NEWLINE) + 1 || chunk.lastIndexOf(RETURN) + 1;
    held_bytes += chunk.length;
    if (end === 0) {
      held.push(chunk);
      if (held_bytes > RECORD_MAX_BYTES) throw unreadable('csv_invalid', line, 'longer than 256 KiB');
      continue;
    }
    const block = Buffer.concat([...held, chunk.subarray(0, end)]);
    line = checkedEncoding(block, line);
    held = [chunk.subarray(end)];
    held_bytes = chunk.length - end;
    yield block;
  }
  if (held_bytes === 0) return;
  const block = Buffer.concat(held);
  checkedEncoding(block, line);
  yield block;
}

/** Returns the line after the block. Throws `csv_encoding` with the first line that is not UTF-8. */
function checkedEncoding(block: Buffer, first_line: number): number {
  const end = block.includes(NEWLINE) ? NEWLINE : RETURN;
  let line = first_line;
  if (isUtf8(block)) {
    for (const byte of block) if (byte === end) line += 1;
    return line;
  }
  let start = 0;
  for (let at = block.indexOf(end); at >= 0; at = block.indexOf(end, start)) {
    if (!isUtf8(block.subarray(start, at))) break;
    start = at + 1;
    line += 1;
  }
  throw unreadable('csv_encoding', line, 'not UTF-8');
}

type Beginning = { delimiter: string; header_line: number };

/** The delimiter that the first line declares, else the header's. */
function beginningOfFile(head: Buffer): Beginning {
  const text = head.toString('utf8', 0, HEAD_BYTES).replace(/^\uFEFF/, '');
  const said = /^"?sep=([,;\t])"?[\r\n]/i.exec(text)?.[1];
  return said === undefined
    ? { delimiter: delimiterOf(text), header_line: 1 }
    : { delimiter: said, header_line: 2 };
}

function delimiterOf(text: string): string {
  const counts = new Map([...',;\t'].map((char) => [char, 0]));
  let quoted = false;
  for (const char of text.trimStart()) {
    if (char === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (char === '\n' || char === '\r') break;
    else if (counts.has(char)) counts.set(char, counts.get(char)! + 1);
  }
  const [best, delimiters] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a));
  // Before the parser allocates a cell for each.
  if (delimiters >= COLUMNS_MAX) throw tooManyColumns(1);
  return best;
}

/** `lines` is where a record ends; a record with quoted line ends begins earlier. */
function beginningOf(cells: readonly string[], ended_line: number, lines: number): number {
  if (lines === ended_line + 1) return lines;
  return lines - cells.reduce((sum, cell) => sum + cell.split('\n').length - 1, 0);
}

const tooManyColumns = (line: number) => unreadable('csv_invalid', line, `more than ${COLUMNS_MAX} columns`);

const RECORD_FAULTS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote in this record is never closed',
  CSV_MAX_RECORD_SIZE: 'the record is longer than 256 KiB; a quote may be missing',
};
const LINE_FAULTS: Readonly<Record<string, string>> = {
  CSV_RECORD_INCONSISTENT_FIELDS_LENGTH: 'the number of columns differs from the header',
  INVALID_OPENING_QUOTE: 'a quote inside an unquoted cell',
};

function explained({ code, lines }: CsvError, next_line: number): AppError {
  const of_record = RECORD_FAULTS[code];
  if (of_record !== undefined) return unreadable('csv_invalid', next_line, of_record);
  const line = typeof lines === 'number' ? lines : next_line;
  return unreadable('csv_invalid', line, LINE_FAULTS[code] ?? 'text after the closing quote of a cell');
}

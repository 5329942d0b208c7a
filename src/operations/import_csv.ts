import { isUtf8 } from 'node:buffer';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import type { AppError } from '../errors.ts';
import { emptyFile, type SourceRow, unreadable, uploadedChunks } from './import_source.ts';

/** A record beyond this is not a lead: a quote was left open. */
const RECORD_MAX_BYTES = 1 << 20;
/** As far as a delimiter is looked for. */
const HEAD_BYTES = 65_536;
const NEWLINE = 10;
const RETURN = 13;

/**
 * Reads CSV (RFC 4180) of any size in bounded memory: comma, semicolon or tab as the header has it, LF, CRLF or
 * CR, with or without BOM, strictly UTF-8. The first row is the header, or the second after the `sep=;` with which
 * spreadsheets say their delimiter; blank rows are left out. Throws
 * `csv_empty`, `csv_encoding` and `csv_invalid`, the latter two with the line.
 */
export async function* readCsv(stream: Readable): AsyncGenerator<SourceRow> {
  const blocks = wholeLines(stream);
  const first = await blocks.next();
  if (first.done) throw emptyFile();
  const { delimiter, header_line } = beginningOfFile(first.value);
  let ended_line = 0;
  const parser = parse({
    bom: true,
    trim: true,
    skip_empty_lines: true,
    delimiter,
    from_line: header_line,
    max_record_size: RECORD_MAX_BYTES,
    // The line travels as one more cell, since the parser hands on nothing else.
    on_record(cells, { lines }) {
      const line = beginningOf(cells, ended_line, lines);
      ended_line = lines;
      return cells.some((cell) => cell !== '') ? [...cells, String(line)] : undefined;
    },
  });
  const source = Readable.from(restored(first.value, blocks), { objectMode: false });
  const piping = pipeline(source, parser);
  // Its failure reaches the loop below through the parser; unheard here, it would end the process.
  piping.catch(() => undefined);
  let rows = 0;
  try {
    for await (const cells of parser as AsyncIterable<string[]>) {
      rows += 1;
      yield { line: Number(cells.pop()), cells };
    }
  } catch (error) {
    throw error instanceof CsvError ? explained(error, ended_line + 1) : error;
  }
  if (rows === 0) throw emptyFile();
}

async function* restored(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}

/**
 * The upload in blocks that end where a line ends. No byte of a longer UTF-8 sequence looks like a line end, so
 * each block can be checked by itself.
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
      if (held_bytes > RECORD_MAX_BYTES) throw unreadable('csv_invalid', line, 'longer than 1 MiB');
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

/** The line after the block. Throws `csv_encoding` with the first line that is not UTF-8. */
function checkedEncoding(block: Buffer, first_line: number): number {
  const end = block.includes(NEWLINE) ? NEWLINE : RETURN;
  let line = first_line;
  if (isUtf8(block)) {
    for (let at = block.indexOf(end); at >= 0; at = block.indexOf(end, at + 1)) line += 1;
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

/** What separates the columns, as the first line says of itself, else as the header has it. */
function beginningOfFile(head: Buffer): { delimiter: string; header_line: number } {
  const text = head.toString('utf8', 0, HEAD_BYTES).replace(/^\uFEFF/, '');
  const said = /^"?sep=([,;\t])"?[\r\n]/i.exec(text)?.[1];
  return said === undefined
    ? { delimiter: delimiterOf(text), header_line: 1 }
    : { delimiter: said, header_line: 2 };
}

function delimiterOf(text: string): string {
  const counts = new Map([
    [',', 0],
    [';', 0],
    ['\t', 0],
  ]);
  let quoted = false;
  for (const char of text.trimStart()) {
    if (char === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (char === '\n' || char === '\r') break;
    else if (counts.has(char)) counts.set(char, counts.get(char)! + 1);
  }
  const [best] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a));
  return best;
}

/** `lines` is where a record ends; one with line ends inside its quotes begins earlier. */
function beginningOf(cells: readonly string[], ended_line: number, lines: number): number {
  if (lines === ended_line + 1) return lines;
  return lines - cells.reduce((sum, cell) => sum + cell.split('\n').length - 1, 0);
}

function explained(error: CsvError, next_line: number): AppError {
  const line = typeof error.lines === 'number' ? error.lines : next_line;
  switch (error.code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return unreadable('csv_invalid', next_line, 'a quote opens in this record and is never closed');
    case 'CSV_MAX_RECORD_SIZE':
      return unreadable(
        'csv_invalid',
        next_line,
        'the record that begins here is longer than 1 MiB, so a quote may be left open',
      );
    case 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH':
      return unreadable('csv_invalid', line, 'another number of columns than the header has');
    case 'INVALID_OPENING_QUOTE':
      return unreadable('csv_invalid', line, 'a quote in the middle of a cell that is not quoted');
    default:
      return unreadable('csv_invalid', line, 'a quoted cell goes on after its closing quote');
  }
}

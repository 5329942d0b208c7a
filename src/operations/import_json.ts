import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';
import { AppError } from '../errors.ts';
import { emptyFile, type SourceRow, unreadable, uploadedChunks } from './import_source.ts';

/** A JSON file is read as a whole; beyond this, CSV is the way. */
const JSON_MAX_BYTES = 50 * (1 << 20);

/**
 * Reads an array of objects as rows under one header: every name that any object has. Throws `csv_empty`,
 * `csv_encoding`, `json_invalid` (400) and `json_too_large` (413).
 */
export async function* readJson(stream: Readable): AsyncGenerator<SourceRow> {
  const items = parseItems(await readAll(stream));
  const header = [...new Set(items.flatMap((item) => (isRecord(item) ? Object.keys(item) : [])))];
  yield { line: 0, cells: header };
  for (const [index, item] of items.entries()) {
    yield { line: index + 1, cells: isRecord(item) ? header.map((name) => item[name]) : null };
  }
}

async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of uploadedChunks(stream)) {
    bytes += chunk.length;
    if (bytes > JSON_MAX_BYTES) {
      throw new AppError('json_too_large', 'The JSON is larger than 50 MiB.', {
        status: 413,
        hint: 'Send it as CSV, which may have any size, or in parts.',
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parseItems(bytes: Buffer): unknown[] {
  if (bytes.length === 0) throw emptyFile();
  if (!isUtf8(bytes)) throw unreadable('csv_encoding', 1, 'not UTF-8');
  const items = parseText(bytes.toString('utf8').replace(/^\ufeff/, ''));
  if (!Array.isArray(items)) throw jsonInvalid('an array of objects was expected');
  if (items.length === 0) throw emptyFile();
  return items;
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // The engine's message quotes the text around the fault, which may be someone's data.
    const place = /position (\d+)/.exec((error as Error).message)?.[1];
    throw jsonInvalid(place === undefined ? 'it ends too early' : `the fault is at character ${place}`);
  }
}

function jsonInvalid(message: string): AppError {
  return new AppError('json_invalid', `This is not the JSON that was expected: ${message}.`, { status: 400 });
}

function isRecord(item: unknown): item is Record<string, unknown> {
  return typeof item === 'object' && item !== null && !Array.isArray(item);
}

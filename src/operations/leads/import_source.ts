import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../errors.ts';

/** Beyond these a file does not list leads. An Excel cell has at most 32,767 characters, which are 128 KiB of UTF-8. */
export const RECORD_MAX_BYTES = 256 * 1024;
export const COLUMNS_MAX = 1_000;

/** After each chunk of 64 KiB: 6 MiB a second. */
const DISCARD_PAUSE_MS = 10;

/** One row of a file. The first one is the header; `cells` is null for what is no row at all. */
export type SourceRow = {
  /** Where it begins, from 1; in JSON, the object's place in the array. */
  line: number;
  cells: readonly unknown[] | null;
};

/**
 * The bytes of an upload as they come. Does not destroy the stream when the reader gives up: it is a request,
 * and its sender is to get the answer. Throws `import_aborted` (400) when the sender breaks off.
 */
export async function* uploadedChunks(stream: Readable): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
      yield typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Buffer);
    }
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('import_aborted', 'The upload broke off before its end; nothing was imported.', {
      cause,
    });
  }
}

/**
 * Reads and drops the rest of an upload, so that the sender finishes and sees the refusal. It reads slowly, since senders that
 * repeat a large file would keep the process busy with their bytes alone.
 */
export async function discardUpload(stream: Readable): Promise<void> {
  try {
    for await (const _ of stream.iterator({ destroyOnReturn: false })) await sleep(DISCARD_PAUSE_MS);
  } catch {
    // The sender broke off.
  }
}

/** A file that cannot be read as a whole: nothing of it is imported. */
export function unreadable(code: 'csv_invalid' | 'csv_encoding', line: number, message: string): AppError {
  return new AppError(code, `Line ${line}: ${message}. Nothing was imported.`, {
    errors: [{ path: `line ${line}`, message }],
    extra: { line },
    ...(code === 'csv_encoding' ? { hint: 'Save the file as UTF-8 ("CSV UTF-8") and send it again.' } : {}),
  });
}

export function emptyFile(): AppError {
  return new AppError('csv_empty', 'The file is empty.', {
    hint: 'It begins with a line of column names, one of them the e-mail address.',
  });
}

import type { Readable } from 'node:stream';
import { AppError } from '../../errors.ts';

/** Larger records are not lists of leads. An Excel cell has at most 32,767 characters, which are 128 KiB of UTF-8. */
export const RECORD_MAX_BYTES = 256 * 1024;
export const COLUMNS_MAX = 1_000;

/** One row of a file. The first is the header; `cells` is null for an item that is not a row. */
export type SourceRow = {
  /** Where it begins, from 1; in JSON, the object's index in the array, from 1. */
  line: number;
  cells: readonly unknown[] | null;
};

/**
 * The chunks of an upload. Leaves the stream open when the reader stops: it is a request, and its sender must get the
 * answer. Throws `import_aborted` (400) when the sender disconnects.
 */
export async function* uploadedChunks(stream: Readable): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
      yield typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Buffer);
    }
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('import_aborted', 'The upload was interrupted. Nothing was imported.', {
      cause,
    });
  }
}

/** Refuses a file that cannot be read as a whole: nothing is imported. */
export function unreadable(code: 'csv_invalid' | 'csv_encoding', line: number, message: string): AppError {
  return new AppError(code, `Line ${line}: ${message}. Nothing was imported.`, {
    errors: [{ path: `line ${line}`, message }],
    extra: { line },
    ...(code === 'csv_encoding' ? { hint: 'Save the file as UTF-8 ("CSV UTF-8") and send it again.' } : {}),
  });
}

export function emptyFile(): AppError {
  return new AppError('csv_empty', 'The file is empty.', {
    hint: 'The first line must name the columns, including the email address.',
  });
}

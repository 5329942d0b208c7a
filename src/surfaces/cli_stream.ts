import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type Readable, Transform } from 'node:stream';
import { UsageError } from './cli_arguments.ts';
import type { CliIo } from './cli_io.ts';
import { ask, type ClientAnswer, type Server } from './client.ts';

const SHOWN_ERRORS = 20;
const BAR_WIDTH = 24;
const REDRAW_MS = 100;

/** Sends a file, or standard input for `-`, as it is read. A terminal shows a progress bar. */
export async function sendFile(server: Server, path: string, file: string, io: CliIo): Promise<ClientAnswer> {
  const total = file === '-' ? null : await sizeOf(file);
  const source: Readable = file === '-' ? io.stdin : createReadStream(file);
  const content = io.is_tty ? source.pipe(progressBar(total, io)) : source;
  if (content !== source) source.on('error', (error) => content.destroy(error));
  const started_ms = performance.now();
  const body = { media_type: mediaType(file), content };
  const answer = await ask(server, { method: 'POST', path, body }).finally(() => source.destroy());
  if (io.is_tty) io.stderr.write(`\r\u001b[K${rateText(answer.body, performance.now() - started_ms)}`);
  return answer;
}

/** Repeats the request until nothing remains, with a progress bar on a terminal. Returns the last answer. */
export async function follow(
  io: CliIo,
  input: Record<string, unknown>,
  askOnce: (input: Record<string, unknown>) => Promise<ClientAnswer>,
): Promise<ClientAnswer> {
  let answer = await askOnce(input);
  for (;;) {
    const { continue_from, progress } = (answer.body ?? {}) as {
      continue_from?: unknown;
      progress?: unknown;
    };
    if (answer.status >= 400 || typeof continue_from !== 'string') break;
    if (io.is_tty) io.stderr.write(`\r\u001b[K${shareText(Number(progress))}`);
    answer = await askOnce({ ...input, continue_from });
  }
  if (io.is_tty) io.stderr.write('\r\u001b[K');
  return answer;
}

function shareText(share: number): string {
  const full = Math.round(share * BAR_WIDTH);
  return `${'#'.repeat(full)}${'-'.repeat(BAR_WIDTH - full)} ${Math.floor(share * 100)} %`;
}

/** The first faults of an import, each with its line, and the number of rejected rows. Empty without faults. */
export function importErrors(body: unknown): string {
  const { errors } = (body ?? {}) as { errors?: ImportError[] };
  const count = rejectedRows(body);
  if (count === 0) return '';
  const shown = (errors ?? []).slice(0, SHOWN_ERRORS).map(errorLine);
  const { error_count: faults = errors?.length ?? 0 } = body as { error_count?: number };
  const more = faults > shown.length ? [`and ${faults - shown.length} more`] : [];
  const said = `${count} row${count === 1 ? '' : 's'} rejected.`;
  return `\n${[...shown, ...more, said].join('\n')}\n`;
}

/** The number of rejected rows of a file, whether or not the others were imported. */
export function rejectedRows(body: unknown): number {
  const { errors, skipped_count } = (body ?? {}) as { errors?: unknown[]; skipped_count?: unknown };
  // A row may have several faults.
  if (typeof skipped_count === 'number') return skipped_count;
  return Array.isArray(errors) ? errors.length : 0;
}

/** The server's processing time, as the last line. Empty if unknown. */
export function importDuration(body: unknown): string {
  const { duration_ms } = (body ?? {}) as { duration_ms?: unknown };
  return typeof duration_ms === 'number' ? `Duration: ${(duration_ms / 1_000).toFixed(1)} s\n` : '';
}

type ImportError = { line?: number; column?: string | null; message?: string; value?: string | null };

function errorLine({ line, column, message, value }: ImportError): string {
  const place = [line === undefined ? '' : `line ${line}`, column ?? '']
    .filter((part) => part !== '')
    .join(', ');
  return `${place}: ${message ?? ''}${value ? ` (${value})` : ''}`;
}

async function sizeOf(file: string): Promise<number> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${file} cannot be read: ${error.code}`);
  });
  if (found.isDirectory()) throw new UsageError(`${file} is a directory.`);
  return found.size;
}

function mediaType(file: string): string {
  return /\.json$/i.test(file) ? 'application/json' : 'text/csv';
}

/** Passes everything through and draws its progress on the error stream, so the output stays clean. */
function progressBar(total: number | null, { stderr }: CliIo): Transform {
  let sent = 0;
  let drawn_ms = -REDRAW_MS;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sent += chunk.length;
      if (performance.now() - drawn_ms >= REDRAW_MS || sent === total) {
        drawn_ms = performance.now();
        stderr.write(`\r\u001b[K${barText(sent, total)}`);
      }
      done(null, chunk);
    },
    flush(done) {
      stderr.write('\r\u001b[KUpload complete. Waiting for the response...');
      done();
    },
  });
}

function barText(sent: number, total: number | null): string {
  const megabytes = (sent / 1_000_000).toFixed(1);
  if (total === null || total === 0) return `${megabytes} MB sent`;
  const share = Math.min(1, sent / total);
  const full = Math.round(share * BAR_WIDTH);
  return `[${'#'.repeat(full)}${'.'.repeat(BAR_WIDTH - full)}] ${Math.floor(share * 100)} %, ${megabytes} MB`;
}

function rateText(body: unknown, took_ms: number): string {
  const rows = (body as { rows_read?: unknown } | undefined)?.rows_read;
  if (typeof rows !== 'number' || took_ms <= 0) return '';
  return `${rows} rows in ${(took_ms / 1_000).toFixed(1)} s, ${Math.round((rows / took_ms) * 1_000)} rows/s\n`;
}

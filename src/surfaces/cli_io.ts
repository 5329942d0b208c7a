import type { Readable, Writable } from 'node:stream';

/** A command's input and output. `columns` is the width of the terminal, 0 if the output goes elsewhere. */
export type CliIo = { stdout: Writable; stderr: Writable; stdin: Readable; is_tty: boolean; columns: number };

export const EXIT = { ok: 0, refused: 1, usage: 2, unavailable: 3 } as const;

/** Refusals of the typed line, including settings: repeating it would fail whatever the data. */
const NOT_UNDERSTOOD = new Set([
  'config_invalid',
  'cursor_invalid',
  'init_incomplete',
  'input_invalid',
  'json_invalid',
  'json_too_deep',
  'json_too_many_values',
  'secret_missing',
  'smtp_url_invalid',
  'speed_invalid',
]);

/** The exit code of a refusal. */
export function exitOf({ code, status }: { code: string; status: number }): number {
  if (NOT_UNDERSTOOD.has(code)) return EXIT.usage;
  return status >= 500 ? EXIT.unavailable : EXIT.refused;
}

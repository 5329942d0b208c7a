import type { Readable, Writable } from 'node:stream';

/** What a command reads and writes. `columns` is the width of the terminal, 0 when the output goes elsewhere. */
export type CliIo = { stdout: Writable; stderr: Writable; stdin: Readable; is_tty: boolean; columns: number };

export const EXIT = { ok: 0, refused: 1, usage: 2, unavailable: 3 } as const;

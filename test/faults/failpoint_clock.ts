import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import type { Clock } from '../../src/clock.ts';

const BYTES = 8;

/** A clock in a file, which stands still until the test moves it: every process on one machine reads the same time. */
export function readFileClock(path: string): Clock {
  const file = openSync(path, 'r');
  const bytes = Buffer.alloc(BYTES);
  const now_ms = () => {
    readSync(file, bytes, 0, BYTES, 0);
    return bytes.readDoubleLE();
  };
  // Slightly more than 1, so that the worker looks for work twenty times a second; effectively 1 for everything else.
  return { speed: 1.000_001, now_ms, now: () => new Date(now_ms()) };
}

/** Creates the clock file or takes it over, and moves it. */
export function writeFileClock(path: string, start_ms: number): { set(ms: number): void; close(): void } {
  const file = openSync(path, 'w');
  const bytes = Buffer.alloc(BYTES);
  const set = (ms: number) => {
    bytes.writeDoubleLE(ms);
    writeSync(file, bytes, 0, BYTES, 0);
  };
  set(start_ms);
  return { set, close: () => closeSync(file) };
}

import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';
import type { Clock } from './clock.ts';

const SEQ_MAX = 0x7fff_ffff;

let last_ms = -1;
let last_seq = 0;

/**
 * A UUIDv7 (RFC 9562) whose time part is the product's clock. Ids of one process within one millisecond count up (section
 * 6.2, method 1), so rows written together keep their order.
 */
export function newId(clock: Clock): string {
  const msecs = clock.now_ms();
  last_seq = msecs === last_ms && last_seq < SEQ_MAX ? last_seq + 1 : 0;
  last_ms = msecs;
  return v7({ msecs, seq: last_seq, random: nextRandom() });
}

/** The lowest possible id of this instant: a starting point in data ordered by id. */
export function firstIdAt(at: Date): string {
  const digits = at.getTime().toString(16).padStart(12, '0');
  return `${digits.slice(0, 8)}-${digits.slice(8)}-7000-8000-000000000000`;
}

const RANDOM_BYTES = 16;
/** Random bytes from the system cost the same for many ids as for one. */
const pool = new Uint8Array(256 * RANDOM_BYTES);
let used = pool.length;

function nextRandom(): Uint8Array {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += RANDOM_BYTES;
  return pool.subarray(used - RANDOM_BYTES, used);
}

import { v7 } from 'uuid';
import type { Clock } from './clock.ts';

/** A UUIDv7 (RFC 9562) whose time part is the product's clock, so that ids sort by when things happened. */
export function newId(clock: Clock): string {
  return v7({ msecs: clock.now_ms() });
}

import { inject } from 'vitest';

/** The figure of a test for `npm test`, and the one for `npm run test:long`. */
export function scale(short: number, long: number): number {
  return inject('long') ? long : short;
}

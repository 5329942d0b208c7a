import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { AppError } from '../errors.ts';

/** Versions that the caller considers current; `any`: all. */
export type Expected = readonly string[] | 'any';

/** Equal answers have equal versions; different ones differ. */
export function versionOf(answer: unknown): string {
  return createHash('sha256').update(JSON.stringify(answer)).digest('base64url').slice(0, 22);
}

/**
 * Throws `version_changed` (412) unless the caller read `current`, as `schema` would answer it. Call it under the lock of
 * the change, so nothing intervenes.
 */
export function refuseIfStale<Schema extends z.ZodType>(
  expected: Expected | undefined,
  schema: Schema,
  current: z.input<Schema>,
): void {
  if (expected === undefined || expected === 'any') return;
  const version = versionOf(schema.parse(current));
  if (expected.includes(version)) return;
  throw new AppError('version_changed', 'Not saved: someone else changed this after you read it.', {
    hint: 'Read it again, then repeat your change.',
    extra: { version },
  });
}

import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { AppError } from '../errors.ts';

/** The versions that a caller takes as current; `any`: whatever is there. */
export type Expected = readonly string[] | 'any';

/** Names the state that an answer shows: the same text has the same version, and any difference another one. */
export function versionOf(answer: unknown): string {
  return createHash('sha256').update(JSON.stringify(answer)).digest('base64url').slice(0, 22);
}

/**
 * Throws `version_changed` (412) when the caller read another state than `current`, which is what `schema` would answer now.
 * To be called under the lock that the change is made under: then nothing comes between.
 */
export function refuseIfStale<Schema extends z.ZodType>(
  expected: Expected | undefined,
  schema: Schema,
  current: z.input<Schema>,
): void {
  if (expected === undefined || expected === 'any') return;
  const version = versionOf(schema.parse(current));
  if (expected.includes(version)) return;
  throw new AppError('version_changed', 'Someone changed this since you read it.', {
    hint: 'Read it again, then change that version.',
    extra: { version },
  });
}

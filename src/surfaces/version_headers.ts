import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors.ts';
import { type Expected, versionOf } from '../operations/version.ts';
import type { RoutedOperation } from './routing.ts';

/**
 * The state that the caller read, from `If-Match` (RFC 9110); undefined without the header. Throws
 * `precondition_unsupported` (400) where it has no effect, because its sender relies on it.
 */
export function expectedVersions(
  { http, version }: RoutedOperation,
  request: FastifyRequest,
): Expected | undefined {
  const header = request.headers['if-match'];
  if (header === undefined || http.method === 'GET') return undefined;
  if (version !== 'checked') {
    throw new AppError('precondition_unsupported', 'If-Match is not supported here.');
  }
  if (header.trim() === '*') return 'any';
  // Only strong tags are reliable; a weak one matches nothing.
  return tagsIn(header).flatMap(({ is_weak, tag }) => (is_weak ? [] : [tag]));
}

/**
 * Sets `ETag` to the answer's state, and its caching. True if the caller already has that state (`If-None-Match`): the
 * answer is then 304.
 */
export function showVersion(
  { http, version }: RoutedOperation,
  output: unknown,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
): boolean {
  if (version === undefined) return false;
  // Stored by the caller alone, and revalidated on every use: access ends with the session.
  reply.header('cache-control', 'private, no-cache');
  const current = versionOf(output);
  reply.header('etag', `"${current}"`);
  const header = request.headers['if-none-match'];
  if (http.method !== 'GET' || header === undefined) return false;
  return header.trim() === '*' || tagsIn(header).some(({ tag }) => tag === current);
}

function tagsIn(header: string): { is_weak: boolean; tag: string }[] {
  return [...header.matchAll(/(W\/)?"([^"]*)"/g)].map((match) => ({
    is_weak: match[1] !== undefined,
    tag: match[2]!,
  }));
}

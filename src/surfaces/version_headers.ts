import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors.ts';
import { type Expected, versionOf } from '../operations/version.ts';
import type { RoutedOperation } from './routing.ts';

/**
 * What `If-Match` (RFC 9110) says of the state that the caller read; undefined when it says nothing. Throws
 * `precondition_unsupported` (400) where it would not be heeded: who sends it relies on it.
 */
export function expectedVersions(
  { http, version }: RoutedOperation,
  request: FastifyRequest,
): Expected | undefined {
  const header = request.headers['if-match'];
  if (header === undefined || http.method === 'GET') return undefined;
  if (version !== 'checked') {
    throw new AppError('precondition_unsupported', 'If-Match is not heeded here.');
  }
  if (header.trim() === '*') return 'any';
  // Only strong tags can be relied on; a weak one matches nothing.
  return tagsIn(header).flatMap(({ is_weak, tag }) => (is_weak ? [] : [tag]));
}

/**
 * Says in `ETag` which state the answer shows, and how it may be kept. True when the caller has just that state and asked
 * for another one only (`If-None-Match`): the answer is 304 then.
 */
export function showVersion(
  { http, version }: RoutedOperation,
  output: unknown,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
): boolean {
  if (version === undefined) return false;
  // Kept by the caller alone, and never used without asking: what someone may see ends with their session.
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

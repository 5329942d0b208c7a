import { takesIdempotencyKey } from './idempotency_header.ts';
import type { RoutedOperation } from './routing.ts';

type Ref = { $ref: string };

/** Request headers, by their names in the document. */
export const HEADER_PARAMETERS = {
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    required: false,
    description:
      'Your name for this request (a UUID). For 24 hours the same request with the same key does not run again ' +
      'but returns the first response, refusals included, with `Idempotency-Replayed: true`. Refused with 409: ' +
      '`idempotency_key_reused` (another request used this key), `idempotency_in_progress` (the first is still running; see ' +
      'Retry-After), `idempotency_not_replayable` (done, but the response is not stored: it has a secret or belongs to ' +
      'a file). 5xx responses are not stored. Keys are per user or agent.',
    schema: { type: 'string', minLength: 1, maxLength: 255 },
  },
  IfMatch: {
    name: 'If-Match',
    in: 'header',
    required: false,
    description:
      'The ETag that you read. If the resource has changed since, nothing is written and the response is 412 ' +
      '`version_changed`. `*` matches any version.',
    schema: { type: 'string' },
  },
  IfNoneMatch: {
    name: 'If-None-Match',
    in: 'header',
    required: false,
    description: 'The ETag of a cached response. While it is current, the response is 304 without a body.',
    schema: { type: 'string' },
  },
};

/** Headers of an answer. */
export const ANSWER_HEADERS = {
  ETag: {
    description: 'The version of the response, for If-Match and If-None-Match. Any difference changes it.',
    schema: { type: 'string' },
  },
  RateLimit: {
    description:
      'Your remaining quota (draft-ietf-httpapi-ratelimit-headers): `"default";r=29999;t=60` means 29999 requests in the ' +
      'next 60 s. A 429 response has the wait in Retry-After.',
    schema: { type: 'string' },
  },
  RateLimitPolicy: {
    description: 'The quota: `"default";q=30000;w=60` means 30000 requests in 60 s per user or agent.',
    schema: { type: 'string' },
  },
};

/** The headers that this operation heeds. */
export function headersOf(operation: RoutedOperation): Ref[] {
  const { http, version } = operation;
  const names = [
    ...(takesIdempotencyKey(operation) ? ['IdempotencyKey'] : []),
    ...(version === 'checked' ? ['IfMatch'] : []),
    ...(version !== undefined && http.method === 'GET' ? ['IfNoneMatch'] : []),
  ];
  return names.map((name) => ({ $ref: `#/components/parameters/${name}` }));
}

export function answerHeadersOf({ version }: RoutedOperation): Record<string, Ref> {
  const refTo = (name: string) => ({ $ref: `#/components/headers/${name}` });
  return {
    ...(version === undefined ? {} : { ETag: refTo('ETag') }),
    RateLimit: refTo('RateLimit'),
    'RateLimit-Policy': refTo('RateLimitPolicy'),
  };
}

export function unchanged({ http, version }: RoutedOperation): Record<string, unknown> {
  const answers = version !== undefined && http.method === 'GET';
  return answers ? { '304': { description: 'Unchanged since the version in If-None-Match.' } } : {};
}

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
      'A name of your own for this request, such as a UUID. For 24 hours the same request with the same key is not run again ' +
      'but answered as the first was, refusals included, with `Idempotency-Replayed: true`. Refused with 409: ' +
      '`idempotency_key_reused` (another request had this key), `idempotency_in_progress` (the first still runs; see ' +
      'Retry-After), `idempotency_not_replayable` (it was done, but the answer is not kept: it holds a secret, or belongs to ' +
      'a file). An answer of 5xx is not kept. The key is yours: others may use the same one.',
    schema: { type: 'string', minLength: 1, maxLength: 255 },
  },
  IfMatch: {
    name: 'If-Match',
    in: 'header',
    required: false,
    description:
      'The ETag that you read. When someone changed the thing meanwhile, nothing is written and the answer is 412 ' +
      '`version_changed`. `*` takes whatever is there.',
    schema: { type: 'string' },
  },
  IfNoneMatch: {
    name: 'If-None-Match',
    in: 'header',
    required: false,
    description:
      'The ETag of an answer that you keep. While it is current the answer is 304, without a body.',
    schema: { type: 'string' },
  },
};

/** Headers of an answer. */
export const ANSWER_HEADERS = {
  ETag: {
    description:
      'The version of what is answered, for If-Match and If-None-Match. Any difference makes another one.',
    schema: { type: 'string' },
  },
  RateLimit: {
    description:
      'What is left for you, by draft-ietf-httpapi-ratelimit-headers: `"default";r=29999;t=60` has 29999 requests in the ' +
      'next 60 s. A refusal with 429 says in Retry-After how long to wait.',
    schema: { type: 'string' },
  },
  RateLimitPolicy: {
    description:
      'How much there is: `"default";q=30000;w=60` gives 30000 requests in 60 s, to each person or agent.',
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
  return answers ? { '304': { description: 'It is as If-None-Match has it.' } } : {};
}

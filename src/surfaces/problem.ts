import { z } from 'zod';
import { AppError, type FieldError } from '../errors.ts';

/** The body of every refusal: RFC 9457 problem details with a stable `code`. */
export type Problem = {
  type: string;
  title: string;
  status: number;
  code: string;
  detail: string;
  errors?: readonly FieldError[];
  hint?: string;
  [member: string]: unknown;
};

export const PROBLEM_TYPE = 'application/problem+json';

/** The problem as OpenAPI describes it. */
export const problemSchema = z
  .looseObject({
    type: z.string().describe('urn:touchline:problem:<code>'),
    title: z.string(),
    status: z.int(),
    code: z.string().describe('stable name of this refusal'),
    detail: z.string().describe('a sentence for people'),
    errors: z
      .array(
        z.object({
          path: z.string(),
          message: z.string(),
          code: z.string().optional(),
          line: z.int().optional().describe('of the file, where the input came as one'),
        }),
      )
      .optional()
      .describe('every fault in the input, by path'),
    hint: z.string().optional().describe('what to do next'),
  })
  .meta({ id: 'Problem' });

/** Writes a refusal as a problem document. Extra members never replace the standard ones. */
export function problemOf(error: AppError): Problem {
  return {
    ...error.extra,
    type: `urn:touchline:problem:${error.code}`,
    title: titleOf(error.code),
    status: error.status,
    code: error.code,
    detail: error.message,
    ...(error.errors === undefined ? {} : { errors: error.errors }),
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  };
}

/** The refusal behind a transport fault; undefined for an internal error. */
export function transportRefusal(error: unknown): AppError | undefined {
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  const known = typeof code === 'string' ? TRANSPORT[code] : undefined;
  if (known !== undefined) return new AppError(known.code, known.detail, known);
  if (typeof statusCode !== 'number' || statusCode < 400 || statusCode >= 500) return undefined;
  return new AppError('request_invalid', 'The request is malformed.', { status: statusCode });
}

/** An internal error: it reveals only where to look in the log. */
export function internalError(request_id: string): AppError {
  return new AppError('internal', 'An internal error occurred and was logged.', {
    hint: `Include request ID ${request_id} when you report this.`,
    extra: { request_id },
  });
}

const TRANSPORT: Readonly<Record<string, { code: string; detail: string; status?: number }>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'body_too_large', detail: 'The body is larger than 1 MiB.' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: 'media_type_unsupported',
    detail: 'Send the body as application/json.',
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    code: 'body_incomplete',
    detail: 'The body’s length does not match Content-Length.',
  },
  FST_ERR_BAD_URL: { code: 'url_invalid', detail: 'The path is not a valid URL path.' },
  FST_ERR_MAX_PARAM_LENGTH: { code: 'url_invalid', detail: 'A part of the path is too long.', status: 414 },
};

function titleOf(code: string): string {
  const words = code.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

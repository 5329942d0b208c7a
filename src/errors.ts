/**
 * A refusal that the caller can act on. `code` is stable and documented; `status` is the HTTP status that
 * carries it; `errors` name the path of every fault in the input; `hint` says what to do next.
 */
export class AppError extends Error {
  readonly code: string;
  readonly status: number;
  readonly errors: readonly FieldError[] | undefined;
  readonly hint: string | undefined;
  /** Further members for the problem document, such as the current content hash of a changed draft. */
  readonly extra: Record<string, unknown> | undefined;

  constructor(code: string, detail: string, options: AppErrorOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.status = options.status ?? 422;
    this.errors = options.errors;
    this.hint = options.hint;
    this.extra = options.extra;
  }
}

export type FieldError = { path: string; message: string; code?: string };

type AppErrorOptions = {
  status?: number;
  errors?: readonly FieldError[];
  hint?: string;
  extra?: Record<string, unknown>;
  cause?: unknown;
};

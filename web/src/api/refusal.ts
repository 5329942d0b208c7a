/** Problem document of a refused request (RFC 9457). `status` 0: the server was not reached. */
export type Problem = {
  status: number;
  code: string;
  detail: string;
  hint?: string;
  errors?: readonly { path: string; message: string }[];
  [member: string]: unknown;
};

/** A problem document as an error. */
export class Refusal extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

export function isRefusal(error: unknown, code: string): error is Refusal {
  return error instanceof Refusal && error.problem.code === code;
}

/** Reads a problem document, or creates one from any other body. */
export function problemFrom(body: unknown, status: number): Problem {
  if (isRecord(body) && typeof body.code === 'string' && typeof body.detail === 'string') {
    return { ...body, status, code: body.code, detail: body.detail };
  }
  return { status, code: 'unexpected', detail: `The server returned status ${status}.` };
}

export const UNREACHABLE: Problem = {
  status: 0,
  code: 'unreachable',
  detail: 'Touchline cannot be reached.',
  hint: 'It may be restarting. This page refreshes automatically. Your last action was not repeated.',
};

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

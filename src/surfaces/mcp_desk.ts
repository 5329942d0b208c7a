import { AppError } from '../errors.ts';
import type { Operation, Permission } from '../operations/operation.ts';
import { requirePermission, runOperation } from '../operations/run.ts';
import type { Principal } from '../principal.ts';
import { readInput } from './input.ts';
import { internalError, type Problem, problemOf } from './problem.ts';
import type { Routes } from './request_context.ts';

/** The context in which one caller's message is handled. */
export type McpDesk = {
  principal: Principal;
  /** Whether this caller may run it. */
  may(operation: Operation): boolean;
  /** Runs an operation with validated input. */
  run(operation: Operation, input: Record<string, unknown>): Promise<unknown>;
  /** Runs an operation with raw input. */
  ask(operation: Operation, given: Record<string, unknown>): Promise<unknown>;
  /** The problem document of an error. Internal errors are logged, and reveal only their request id. */
  problemOf(error: unknown): Problem;
};

export function deskFor(
  { context, toAppError }: Routes,
  { principal, request_id }: { principal: Principal; request_id: string },
): McpDesk {
  const run: McpDesk['run'] = (operation, input) =>
    runOperation(operation, { context, principal, surface: 'mcp', request_id, input });
  return {
    principal,
    may: ({ permission }) => isPermitted(permission, principal),
    run,
    ask: (operation, given) => run(operation, readInput(operation.input, given)),
    problemOf: (error) => {
      const refusal = error instanceof AppError ? error : toAppError(error);
      if (refusal !== undefined) return problemOf(refusal);
      context.log.error({ err: error }, 'internal error');
      return problemOf(internalError(request_id));
    },
  };
}

function isPermitted(permission: Permission, principal: Principal): boolean {
  try {
    requirePermission(permission, principal);
    return true;
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
}

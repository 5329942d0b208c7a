import type { Readable } from 'node:stream';
import type { z } from 'zod';
import type { Context } from '../context.ts';
import type { Principal } from '../principal.ts';
import type { AgentKind, UserRole } from '../schema.gen.ts';

export type { Principal };

/**
 * Who may run an operation: a person with one of the roles, an agent of one of the kinds, or everyone, signed in or not.
 * Nothing is allowed that is not said here.
 */
export type Permission = {
  people: readonly UserRole[];
  agents: readonly AgentKind[];
  is_public?: true;
};

export type HttpRoute = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below /api/v1; `{id}` takes the input's `id`. What is not in the path is the query of a GET, else the body. */
  path: `/${string}`;
  /** Takes a CSV or JSON stream of any size as the body; the other inputs are the query then. */
  stream?: true;
};

export type CliCommand = {
  /** Words after `touchline`. */
  command: string;
  /** Inputs that are given by place, in order; the others are --options. */
  args?: readonly string[];
  /** Asks again with `continue_from` as answered until there is none, and shows how far it is; the last answer counts. */
  follow?: true;
  /** Of a list: the fields that its table shows, in order. --json has all. */
  columns?: readonly string[];
};

/**
 * One verb of the product, declared once. HTTP routes, OpenAPI, MCP tools and CLI commands are made from it; who may run
 * it stands in permissions.ts. `run` promises
 * to check nothing that the schema or the database checks already, and throws only `AppError` for a refusal.
 */
export type OperationDefinition<
  Input extends z.ZodObject = z.ZodObject,
  Output extends z.ZodType = z.ZodType,
> = {
  name: string;
  summary: string;
  http?: HttpRoute;
  cli?: CliCommand;
  input: Input;
  output: Output;
  /** Codes that it may answer besides those of every operation. */
  errors: readonly string[];
  run(call: Call<z.output<Input>>): Promise<z.input<Output>>;
  /** The answer in words, for a terminal. Without it the CLI makes a table or a list of fields. */
  text?(output: z.output<Output>): string;
};

export type Operation = OperationDefinition & { permission: Permission };

export type Call<Input> = {
  context: Context;
  /** For a public operation this may be `nobody`, who belongs to no org. */
  principal: Principal;
  input: Input;
  /** The body of an operation with `http.stream`. */
  body?: { stream: Readable; media_type: string };
};

/** Keeps the name and the types of one operation while the registry holds them all. */
export function operation<const Name extends string, Input extends z.ZodObject, Output extends z.ZodType>(
  definition: OperationDefinition<Input, Output> & { name: Name },
): OperationDefinition<Input, Output> & { name: Name } {
  return definition;
}

import type { Readable } from 'node:stream';
import type { z } from 'zod';
import type { Context } from '../context.ts';
import type { Principal, Role } from '../principal.ts';

export type { Principal, Role };

/** Who may run an operation. Agents never get what only people may do: there is no way to say otherwise. */
export type Who = {
  /** People with one of these roles; `all`: every signed-in person. */
  people: readonly Role[] | 'all';
  agents: boolean;
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
  /** Of a list: the fields that its table shows, in order. --json has all. */
  columns?: readonly string[];
  /** Of a list with `columns`: its sentences, shown in full under their row on a terminal, as columns elsewhere. */
  below?: readonly string[];
};

/**
 * One verb of the product, declared once. HTTP routes, OpenAPI and CLI commands are made from it. `run` promises
 * to check nothing that the schema or the database checks already, and throws only `AppError` for a refusal.
 */
export type Operation<Input extends z.ZodObject = z.ZodObject, Output extends z.ZodType = z.ZodType> = {
  name: string;
  summary: string;
  who: Who | 'public';
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

export type Call<Input> = {
  context: Context;
  /** For a public operation this may be `nobody`, who belongs to no org. */
  principal: Principal;
  input: Input;
  /** The body of an operation with `http.stream`. */
  body?: { stream: Readable; media_type: string };
};

/** Keeps the types of one operation while the registry holds them all. */
export function operation<Input extends z.ZodObject, Output extends z.ZodType>(
  definition: Operation<Input, Output>,
): Operation<Input, Output> {
  return definition;
}

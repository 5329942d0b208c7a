import type { Readable } from 'node:stream';
import { z } from 'zod';
import type { OperationContext } from '../context.ts';
import type { Scope } from '../coordinator/gate/scope.ts';
import { type Actor, transaction } from '../db/pool.ts';
import { actorOf, type Principal } from '../principal.ts';
import type { AgentKind, UserRole } from '../schema.gen.ts';
import type { Expected } from './version.ts';

export type { Principal };

/** Roles and kinds of agents that may run an operation, or everyone, signed in or not. Nothing else is allowed. */
export type Permission = {
  people: readonly UserRole[];
  agents: readonly AgentKind[];
  is_public?: true;
  /**
   * Not with a key, except, for `session_or_machine_key`, the machine's own (see ShownKey). Guards every grant of access,
   * so a stolen key cannot create anything that outlives it.
   */
  credential?: 'session' | 'session_or_machine_key';
  /** Kinds of agents that may set each field besides `id`; no agent may set a field not named here. */
  fields?: Readonly<Record<string, readonly AgentKind[]>>;
  /** Agents of these kinds act for their own side only (`agents.side`); the database enforces it. */
  own_side?: readonly AgentKind[];
  /** A scoped key needs one of these. Set by the registry: see scopes.ts. */
  scopes?: readonly string[];
};

export type HttpRoute = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below /api/v1; `{id}` takes the input's `id`. Other inputs are in the query of a GET, else in the body. */
  path: `/${string}`;
  /** The body is a CSV or JSON stream of any size; other inputs are in the query. */
  stream?: true;
};

type CliCommand = {
  command: string;
  /** An alias for search. */
  also?: string;
  /** Positional inputs, in order; the others are --options. */
  args?: readonly string[];
  /**
   * Inputs that every user of the machine could read on a command line: the command asks for them in this order, or reads one
   * line of standard input each. `with`: only if this input is given.
   */
  secrets?: Readonly<Record<string, { label: string; with?: string }>>;
  /** When a successful answer is negative, in words too: the command then exits with 1, for scripts. */
  no?: { if: string; isNo(output: unknown): boolean };
  /** Repeats with `continue_from` until it is absent, and shows progress; the last answer counts. */
  follow?: true;
  /** For a list: the columns of its table, in order. --json has all fields. */
  columns?: readonly string[];
  /** For a list with `columns`: sentences, in full under their row on a terminal, as columns elsewhere. */
  below?: readonly string[];
  /** For a list: the text for null in a column. */
  nulls?: Readonly<Record<string, string>>;
  /** For a list: the message if it is empty, with the next step. */
  empty?: string | ((output: unknown) => string);
};

/**
 * The MCP tool of an operation; read-only without `effect`. Operations that approve, activate, send, undo an opt-out, or
 * create keys have none, nor do those that the permissions keep from agents.
 */
export type McpTool = {
  /** Fixed: clients know the tool by this name. */
  tool: string;
  title: string;
  /** Replaces the operation's summary where the tool can do less. */
  description?: string;
  /** Inputs that the tool sets itself. */
  fixed?: Readonly<Record<string, unknown>>;
  effect?: {
    destructive: boolean;
    /** Repeating the call changes nothing more. */
    idempotent: boolean;
    /** Its effects may reach people outside. */
    reaches_out: boolean;
  };
};

/** Effects of a tool that only adds something, and of one that ends something. */
export const ADDS = { destructive: false, idempotent: false, reaches_out: false } as const;
export const ENDS = { destructive: true, idempotent: true, reaches_out: false } as const;

/**
 * One verb of the product, declared once. HTTP routes, OpenAPI, MCP tools, and CLI commands are generated from it;
 * permissions are in permissions.ts. `run` repeats no check of the schema or the database, and throws only `AppError` for a
 * refusal.
 */
export type OperationDefinition<
  Input extends z.ZodObject = z.ZodObject,
  Output extends z.ZodType = z.ZodType,
> = {
  name: string;
  summary: string;
  http?: HttpRoute;
  cli?: CliCommand;
  mcp?: McpTool;
  input: Input;
  output: Output;
  /**
   * `shown`: the answer has a version. `checked`: it changes that thing too, and throws `version_changed` for another
   * version, by `refuseIfStale` under its own lock.
   */
  version?: 'shown' | 'checked';
  /** Its answer includes a key, token, or link shown once: it is never stored, even for a repeated request. */
  answers_secret?: true;
  /** Codes besides those of every operation. */
  errors: readonly string[];
  run(call: Call<z.output<Input>>): Promise<z.input<Output>>;
  /** The answer as text for a terminal. Without it, the CLI prints a table or a list of fields. */
  text?(output: z.output<Output>): string;
};

export type Operation = OperationDefinition & { permission: Permission };

export type Call<Input> = {
  context: OperationContext;
  /** May be `nobody` for a public operation. */
  principal: Principal;
  input: Input;
  /** Versions that the caller considers current, for `version: 'checked'`. */
  expected?: Expected;
  /** With `http.stream`. */
  body?: { stream: Readable; media_type: string };
  client?: Client;
};

/** Origin of a request, as far as known. */
export type Client = { address: string | null; user_agent: string | null; request_id?: string };

/** An operation as written down. `errors` and `columns` name theirs in one text, separated by spaces; no `input`: none. */
export type Declared<
  Input extends z.ZodObject,
  Output extends z.ZodType,
  Name extends string = string,
> = Omit<OperationDefinition<Input, Output>, 'errors' | 'cli' | 'input'> & {
  name: Name;
  input?: Input;
  errors?: string;
  cli?: Omit<CliCommand, 'columns'> & { columns?: string };
};

/** Keeps name and types of one operation, although the registry holds all of them. */
export function operation<
  const Name extends string,
  Output extends z.ZodType,
  Input extends z.ZodObject = z.ZodObject<Record<never, never>>,
>({
  input = z.object({}) as unknown as Input,
  errors = '',
  cli,
  ...rest
}: Declared<Input, Output, Name>): OperationDefinition<Input, Output> & { name: Name } {
  const { columns, ...command } = cli ?? { command: '' };
  const shown = columns === undefined ? {} : { columns: namesIn(columns) };
  return { ...rest, input, errors: namesIn(errors), ...(cli && { cli: { ...command, ...shown } }) };
}

function namesIn(text: string): string[] {
  return text.match(/\S+/g) ?? [];
}

/** Runs `fn` in one transaction, in the caller's name unless given. After a deadlock `fn` runs again, with a new `now`. */
export function transact<T>(
  { context: { db, clock }, principal }: Pick<Call<unknown>, 'context' | 'principal'>,
  fn: (scope: Scope & { now: Date }) => Promise<T>,
  actor: Actor = actorOf(principal),
): Promise<T> {
  const { org_id } = principal;
  return transaction(db, actor, (tx) => fn({ tx, org_id, clock, now: clock.now() }));
}

/** The same for a change that may have made work: the worker looks for it at once. */
export async function transactWork<T>(
  call: Pick<Call<unknown>, 'context' | 'principal'>,
  fn: (scope: Scope & { now: Date }) => Promise<T>,
  actor?: Actor,
): Promise<T> {
  const done = await transact(call, fn, actor);
  call.context.nudge();
  return done;
}

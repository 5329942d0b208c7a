import type { Readable } from 'node:stream';
import type { z } from 'zod';
import type { OperationContext } from '../context.ts';
import type { Scope } from '../coordinator/gate/scope.ts';
import { type Actor, transaction } from '../db/pool.ts';
import type { Principal } from '../principal.ts';
import type { AgentKind, UserRole } from '../schema.gen.ts';
import type { Expected } from './version.ts';

export type { Principal };

/**
 * Who may run an operation: a person with one of the roles, an agent of one of the kinds, or everyone, signed in or not.
 * Nothing is allowed that is not said here.
 */
export type Permission = {
  people: readonly UserRole[];
  agents: readonly AgentKind[];
  is_public?: true;
  /**
   * Not by a key, whatever it may do otherwise. `session_or_machine_key`: but by the machine's own, see ShownKey.
   * It is for all that lets someone in: whoever finds a key must not be able to make from it what outlives its end.
   */
  credential?: 'session' | 'session_or_machine_key';
  /** Which agents, of those in `agents`, may give a field besides `id`; one that is not named here no agent may. */
  fields?: Readonly<Record<string, readonly AgentKind[]>>;
  /** Agents of these kinds say it of their own side only (`agents.side`); the database keeps that. */
  own_side?: readonly AgentKind[];
  /** A key with scopes needs one of these. The registry says which: see scopes.ts. */
  scopes?: readonly string[];
};

export type HttpRoute = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below /api/v1; `{id}` takes the input's `id`. What is not in the path is the query of a GET, else the body. */
  path: `/${string}`;
  /** Takes a CSV or JSON stream of any size as the body; the other inputs are the query then. */
  stream?: true;
};

type CliCommand = {
  /** Words after `touchline`. */
  command: string;
  /** Another word by which people look for it. */
  also?: string;
  /** Inputs that are given by place, in order; the others are --options. */
  args?: readonly string[];
  /** Whether an answer is a no all the same, which a script has to be able to tell: the command then exits with 1. */
  isNo?(output: unknown): boolean;
  /** Asks again with `continue_from` as answered until there is none, and shows how far it is; the last answer counts. */
  follow?: true;
  /** Of a list: the fields that its table shows, in order. --json has all. */
  columns?: readonly string[];
  /** Of a list with `columns`: its sentences, shown in full under their row on a terminal, as columns elsewhere. */
  below?: readonly string[];
  /** Of a list: what nothing means in a column. */
  nulls?: Readonly<Record<string, string>>;
  /** Of a list: what to say, and what to do next, when there is nothing in it. */
  empty?: string | ((output: unknown) => string);
};

/**
 * The tool that agents have an operation as, over MCP. Without `effect` it only reads. Nothing that approves, activates,
 * sends, lifts an opt-out or makes keys may have one, nor anything that the table of permissions keeps from agents.
 */
export type McpTool = {
  /** Fixed: clients outside know the tool by it. */
  tool: string;
  title: string;
  /** What the tool says instead of the operation's summary, where it can do less. */
  description?: string;
  /** Inputs that the tool sets itself and does not take from its caller. */
  fixed?: Readonly<Record<string, unknown>>;
  effect?: {
    /** It ends or overwrites something. */
    destructive: boolean;
    /** The same call once more changes nothing more. */
    idempotent: boolean;
    /** What follows from it may reach people outside. */
    reaches_out: boolean;
  };
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
  mcp?: McpTool;
  input: Input;
  output: Output;
  /**
   * `shown`: what it answers has a version by which others may refer to that state. `checked`: besides, it changes that
   * thing, and refuses with `version_changed` who names another version, by `refuseIfStale` under its own lock.
   */
  version?: 'shown' | 'checked';
  /** Its answer holds a key, token or link that is shown once: it is kept nowhere, also not for a repeated request. */
  answers_secret?: true;
  /** Codes that it may answer besides those of every operation. */
  errors: readonly string[];
  run(call: Call<z.output<Input>>): Promise<z.input<Output>>;
  /** The answer in words, for a terminal. Without it the CLI makes a table or a list of fields. */
  text?(output: z.output<Output>): string;
};

export type Operation = OperationDefinition & { permission: Permission };

export type Call<Input> = {
  context: OperationContext;
  /** For a public operation this may be `nobody`, who belongs to no org. */
  principal: Principal;
  input: Input;
  /** The versions of the thing that the caller takes as current, for an operation with `version: 'checked'`. */
  expected?: Expected;
  /** The body of an operation with `http.stream`. */
  body?: { stream: Readable; media_type: string };
  client?: Client;
};

/** Where a request came from, as far as it is known. */
export type Client = { address: string | null; user_agent: string | null; request_id?: string };

/** An operation as written down. `errors` and `columns` name theirs in one text, separated by spaces. */
export type Declared<
  Input extends z.ZodObject,
  Output extends z.ZodType,
  Name extends string = string,
> = Omit<OperationDefinition<Input, Output>, 'errors' | 'cli'> & {
  name: Name;
  errors?: string;
  cli?: Omit<CliCommand, 'columns'> & { columns?: string };
};

/** Keeps the name and the types of one operation while the registry holds them all. */
export function operation<const Name extends string, Input extends z.ZodObject, Output extends z.ZodType>({
  errors = '',
  cli,
  ...rest
}: Declared<Input, Output, Name>): OperationDefinition<Input, Output> & { name: Name } {
  const { columns, ...command } = cli ?? { command: '' };
  const shown = columns === undefined ? {} : { columns: namesIn(columns) };
  return { ...rest, errors: namesIn(errors), ...(cli && { cli: { ...command, ...shown } }) };
}

function namesIn(text: string): string[] {
  return text.match(/\S+/g) ?? [];
}

/** Runs `fn` in one transaction, in the caller's name unless given. After a deadlock `fn` runs again, with a new `now`. */
export function transact<T>(
  { context: { db, clock }, principal: { org_id } }: Pick<Call<unknown>, 'context' | 'principal'>,
  fn: (scope: Scope & { now: Date }) => Promise<T>,
  actor: Actor = db.actor,
): Promise<T> {
  return transaction(db, actor, (tx) => fn({ tx, org_id, clock, now: clock.now() }));
}

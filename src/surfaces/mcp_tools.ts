import type { CallToolResult, Tool, ToolAnnotations } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { FieldError } from '../errors.ts';
import type { McpTool, Operation } from '../operations/operation.ts';
import { inputInvalid, readInput } from './input.ts';
import { type Field, fieldsOf, type JsonSchema, jsonSchemaOf } from './json_schema.ts';
import { memoized } from './memoized.ts';
import { problemSchema } from './problem.ts';

/** An operation as an agent sees it. */
export type OperationTool = {
  operation: Operation;
  /** As tools/list shows it. */
  listed: Tool;
  /** The operation's input from the caller's arguments. Throws `input_invalid` with the path of every fault. */
  read(given: Record<string, unknown>): Record<string, unknown>;
};

/** The tools of the registry, by name. Throws if an operation that agents may not run has one: a programming error. */
export const toolsOf = memoized((registry: readonly Operation[]): ReadonlyMap<string, OperationTool> => {
  const tools = registry.flatMap((operation) =>
    operation.mcp === undefined ? [] : [toolOf(operation, operation.mcp)],
  );
  return new Map(tools.map((tool) => [tool.listed.name, tool]));
});

/** The answer of an operation: as data, as the same data in JSON, and before it in words if the operation has them. */
export function calledTool(operation: Operation, output: unknown): CallToolResult {
  const json = JSON.stringify(output);
  const words = operation.text?.(output);
  return {
    structuredContent: JSON.parse(json) as Record<string, unknown>,
    content: [...(words === undefined ? [] : [words]), json].map((text) => ({ type: 'text', text })),
  };
}

function toolOf(operation: Operation, mcp: McpTool): OperationTool {
  const { permission, name, summary } = operation;
  if (permission.is_public || permission.agents.length === 0) {
    throw new Error(`${name} is not for agents, so it cannot be a tool`);
  }
  const fixed = mcp.fixed ?? {};
  const shape = Object.entries(operation.input.shape).filter(([input]) => !Object.hasOwn(fixed, input));
  const own = z.strictObject(Object.fromEntries(shape));
  const fields = fieldsOf(own);
  return {
    operation,
    listed: {
      name: mcp.tool,
      title: mcp.title,
      description: mcp.description ?? summary,
      inputSchema: inputSchema(own, fields) as Tool['inputSchema'],
      outputSchema: outputSchema(operation) as Tool['outputSchema'],
      annotations: annotationsOf(operation, mcp),
    },
    read: (given) => {
      const texts = asText(given, fields);
      // First with the tool's own schema, so no caller gives an input that the tool sets itself.
      readInput(own, texts, operation.http?.path);
      return readInput(operation.input, { ...texts, ...fixed }, operation.http?.path);
    },
  };
}

/** All four, always: a client that asks a person for consent needs them. */
function annotationsOf({ http, name }: Operation, { title, effect }: McpTool): Required<ToolAnnotations> {
  if (effect === undefined && http?.method !== 'GET') throw new Error(`${name} must say what its tool does`);
  return {
    title,
    readOnlyHint: effect === undefined,
    destructiveHint: effect?.destructive ?? false,
    idempotentHint: effect?.idempotent ?? true,
    openWorldHint: effect?.reaches_out ?? false,
  };
}

/** A boolean that a query string has as text is a boolean here. */
function inputSchema(input: Operation['input'], fields: readonly Field[]): JsonSchema {
  const { properties = {}, ...schema } = jsonSchemaOf(input, 'input');
  const flags = fields.filter(({ is_flag, type }) => is_flag && type === 'string');
  const as_flags = flags.map(({ name }) => [name, { ...properties[name], type: 'boolean' }] as const);
  return { ...schema, properties: { ...properties, ...Object.fromEntries(as_flags) } };
}

/** The answer or a problem: a client that validates every structured answer finds refusals in it too. */
function outputSchema({ output }: Operation): JsonSchema {
  return {
    type: 'object',
    anyOf: [jsonSchemaOf(output, 'output'), jsonSchemaOf(problemSchema, 'output')],
  };
}

/** Numbers and booleans arrive as such, not as text. Those that the operation reads from text are converted. */
function asText(given: Record<string, unknown>, fields: readonly Field[]): Record<string, unknown> {
  const faults: FieldError[] = [];
  const values = { ...given };
  for (const { name, type, is_flag } of fields) {
    const value = given[name];
    if (value === undefined) continue;
    const wanted = is_flag ? 'boolean' : type === 'number' ? 'number' : typeof value;
    if (typeof value !== wanted) faults.push({ path: name, message: `expected ${wanted}` });
    else if (is_flag && type === 'string') values[name] = String(value);
  }
  if (faults.length > 0) throw inputInvalid(faults);
  return values;
}

import { ProtocolError } from '@modelcontextprotocol/server';
import { AppError } from '../errors.ts';
import type { Operation } from '../operations/operation.ts';
import type { McpAnswers, McpMethod, McpParams, McpResult } from './mcp.ts';
import type { McpDesk } from './mcp_desk.ts';
import { promptChoices, promptsFor, promptText } from './mcp_prompts.ts';
import { refusedCall, refusedRequest } from './mcp_refusals.ts';
import { shelvesOf } from './mcp_resources.ts';
import { calledTool, toolsOf } from './mcp_tools.ts';

/** Builds the product's answers for a caller's desk. Reads the registry once. */
export function answersFrom(registry: readonly Operation[]): (desk: McpDesk) => McpAnswers {
  const tools = toolsOf(registry);
  const shelves = shelvesOf(registry);
  const has = (tool: string) => tools.has(tool);

  const call = async ({ name, arguments: given = {} }: McpParams<'tools/call'>, desk: McpDesk) => {
    const tool = tools.get(name);
    if (tool === undefined) {
      throw new AppError('tool_unknown', `Unknown tool: ${name.slice(0, 100)}.`, {
        hint: 'tools/list names those that you may use.',
      });
    }
    try {
      return calledTool(tool.operation, await desk.run(tool.operation, tool.read(given)));
    } catch (error) {
      return refusedCall(desk.problemOf(error));
    }
  };

  const complete = async (params: McpParams<'completion/complete'>, desk: McpDesk) => {
    const { ref, argument } = params;
    if (ref.type === 'ref/resource' && !shelves.hasTemplate(ref.uri)) {
      throw new AppError('resource_unknown', 'Unknown resource template.');
    }
    const choices =
      ref.type === 'ref/prompt' ? promptChoices(ref.name, argument.name, desk.principal) : undefined;
    const values =
      choices?.filter((choice) => choice.startsWith(argument.value)) ??
      (await shelves.complete(desk, argument.name, argument.value));
    return { completion: { values } };
  };

  return (desk) => {
    const seen = [...tools.values()].filter(({ operation }) => desk.may(operation));
    return guarded(desk, {
      'tools/list': async () => ({ tools: seen.map(({ listed }) => listed) }),
      'tools/call': (params) => call(params, desk),
      'resources/list': ({ cursor }) => shelves.list(desk, cursor),
      'resources/templates/list': async () => ({ resourceTemplates: shelves.templates(desk) }),
      'resources/read': ({ uri }) => shelves.read(desk, uri),
      'prompts/list': async () => ({ prompts: promptsFor(desk.principal) }),
      'prompts/get': async ({ name, arguments: given = {} }) =>
        promptText(name, given, { principal: desk.principal, has }),
      'completion/complete': (params) => complete(params, desk),
    });
  };
}

/** The client would receive a handler's error verbatim: right for a refusal, wrong for an internal error. */
function guarded(desk: McpDesk, answers: McpAnswers): McpAnswers {
  const guard = <Method extends McpMethod>(method: Method) => ({
    [method]: async (params: McpParams<Method>, signal: AbortSignal): Promise<McpResult<Method>> => {
      try {
        return await answers[method](params, signal);
      } catch (error) {
        if (error instanceof ProtocolError) throw error;
        throw refusedRequest(desk.problemOf(error));
      }
    },
  });
  const methods = Object.keys(answers) as McpMethod[];
  return Object.assign({}, ...methods.map(guard)) as McpAnswers;
}

import { type CallToolResult, ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import { problemText } from './cli_text.ts';
import type { Problem } from './problem.ts';

/** A refusal of a tool: an answer that says so, with the problem document that HTTP would have sent. */
export function refusedCall(problem: Problem): CallToolResult {
  return {
    isError: true,
    structuredContent: problem,
    content: [{ type: 'text', text: problemText(problem) }],
  };
}

/** A refusal of anything else is an error of the protocol; its `data` is the problem document. */
export function refusedRequest(problem: Problem): ProtocolError {
  const code = problem.status >= 500 ? ProtocolErrorCode.InternalError : ProtocolErrorCode.InvalidParams;
  return new ProtocolError(code, problem.detail, problem);
}

import { type CallToolResult, ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import { problemText } from './cli_text.ts';
import type { Problem } from './problem.ts';

/** A tool's refusal: a result marked as an error, with the problem document that HTTP would send. */
export function refusedCall(problem: Problem): CallToolResult {
  return {
    isError: true,
    structuredContent: problem,
    content: [{ type: 'text', text: problemText(problem) }],
  };
}

/** Any other refusal is a protocol error; its `data` is the problem document. */
export function refusedRequest(problem: Problem): ProtocolError {
  const code = problem.status >= 500 ? ProtocolErrorCode.InternalError : ProtocolErrorCode.InvalidParams;
  return new ProtocolError(code, problem.detail, problem);
}

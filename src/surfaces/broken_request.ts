import type { Socket } from 'node:net';
import { AppError } from '../errors.ts';
import { PROBLEM_TYPE, problemOf } from './problem.ts';

/** Time for the answer to arrive: closed at once, what was not read of the request would reset the connection before. */
const LINGER_MS = 1_000;

/** Answers what Node could not read as a request at all, which reaches no route, and ends the connection. */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  // The other side is gone, or half an answer to the request before is on the wire (Node itself asks in this way).
  const { _httpMessage: answer } = socket as { _httpMessage?: { headersSent: boolean } };
  if (error.code === 'ECONNRESET' || !socket.writable || answer?.headersSent) {
    socket.destroy();
    return;
  }
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.resume();
  const refusal = meaningOf(error.code);
  const body = JSON.stringify(problemOf(refusal));
  socket.end(
    [
      `HTTP/1.1 ${refusal.status} ${STATUS_TEXT[refusal.status]}`,
      `Content-Type: ${PROBLEM_TYPE}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}

const STATUS_TEXT: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

function meaningOf(code: string | undefined): AppError {
  if (code === 'HPE_HEADER_OVERFLOW') {
    const detail = 'The path, its query and the headers are larger than 16 KiB together.';
    return new AppError('headers_too_large', detail);
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new AppError('request_too_slow', 'The request did not arrive in time.');
  }
  return new AppError('request_invalid', 'This is not HTTP.');
}

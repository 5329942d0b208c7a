import { type Readable, Transform, type Writable } from 'node:stream';
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import { EXIT } from './cli_io.ts';
import type { Server } from './client.ts';
import { MAX_SUBSCRIPTIONS, mcpServer } from './mcp.ts';
import { forwarder } from './mcp_forward.ts';

type Io = { stdin: Readable; stdout: Writable; stderr: Writable };

/**
 * Ten times the server's limit, so an oversized message still gets a refusal. Longer lines are discarded with a line on
 * stderr.
 */
const LINE_LIMIT_BYTES = 10 * 1_048_576;

/**
 * Speaks MCP with the process that started this one, in either generation of the protocol, and forwards each request to the
 * server's own MCP. Returns the exit code once stdin is closed. Only the protocol is written to stdout.
 */
export async function serveMcpStdio(server: Server, { stdin, stdout, stderr }: Io): Promise<number> {
  const say = (what: string) => stderr.write(`touchline mcp: ${what}\n`);
  const lines = wholeLines(LINE_LIMIT_BYTES, () => say('a line of more than 10 MiB was discarded'));
  const transport = new EndingTransport(stdin.pipe(lines), stdout, { maxBufferSize: LINE_LIMIT_BYTES + 1 });
  const answers = forwarder(server);
  const handle = serveStdio(() => mcpServer(answers), {
    transport,
    maxSubscriptions: MAX_SUBSCRIPTIONS,
    onerror: (error) => say(error.message),
  });
  await transport.ended;
  await handle.close();
  stdin.unpipe(lines).pause();
  return EXIT.ok;
}

/** Reports its end, whichever side caused it. */
class EndingTransport extends StdioServerTransport {
  readonly #end = Promise.withResolvers<void>();
  readonly ended = this.#end.promise;

  override async close(): Promise<void> {
    await super.close();
    this.#end.resolve();
  }
}

/** Passes whole lines; drops an oversized one completely and continues with the next. */
function wholeLines(limit_bytes: number, onTooLong: () => void): Transform {
  let parts: Buffer[] = [];
  let size_bytes = 0;
  const add = (part: Buffer) => {
    size_bytes += part.length;
    if (size_bytes <= limit_bytes) parts.push(part);
    else parts = [];
  };
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      let from = 0;
      for (let end = chunk.indexOf('\n'); end !== -1; end = chunk.indexOf('\n', from)) {
        add(chunk.subarray(from, end + 1));
        if (size_bytes <= limit_bytes) this.push(Buffer.concat(parts));
        else onTooLong();
        parts = [];
        size_bytes = 0;
        from = end + 1;
      }
      add(chunk.subarray(from));
      done();
    },
  });
}

import { StringDecoder } from 'node:string_decoder';
import type { ReadStream } from 'node:tty';
import { UsageError } from './cli_arguments.ts';
import type { CliIo } from './cli_io.ts';

type Prompt = Disposable & {
  /** One line, without its end. `hidden`: a terminal does not show the typed text. */
  ask(question: string, options?: { hidden?: boolean }): Promise<string>;
  /** Whether a person at a terminal can answer. */
  is_terminal: boolean;
};

/**
 * Prompts for secrets, which on a command line every user of the machine and the shell history could read. From a terminal
 * line by line; otherwise silently one line of standard input per question.
 */
export function openPrompt({ stdin, stderr }: Pick<CliIo, 'stdin' | 'stderr'>): Prompt {
  const terminal = (stdin as ReadStream).isTTY === true ? (stdin as ReadStream) : null;
  const decoder = new StringDecoder('utf8');
  const next = stdin[Symbol.asyncIterator]();
  let rest: string[] = [];
  let last = '';
  const character = async (): Promise<string | undefined> => {
    while (rest.length === 0) {
      const { done, value } = await next.next();
      if (done) return undefined;
      rest = [...decoder.write(Buffer.from(value))];
    }
    const one = rest.shift()!;
    // The end of a line in a file of Windows: no empty line follows.
    const is_rest_of_end = last === '\r' && one === '\n';
    last = one;
    return is_rest_of_end ? character() : one;
  };
  return {
    is_terminal: terminal !== null,
    async ask(question, { hidden = false } = {}) {
      if (terminal === null) return readLine(character);
      stderr.write(`${question} `);
      if (!hidden) return readLine(character);
      terminal.setRawMode(true);
      try {
        return await readLine(character);
      } finally {
        terminal.setRawMode(false);
        stderr.write('\n');
      }
    },
    [Symbol.dispose]: () => void next.return?.(),
  };
}

/** A terminal without echo does no editing either: Backspace, Ctrl-U, and Ctrl-C arrive as characters. */
async function readLine(character: () => Promise<string | undefined>): Promise<string> {
  const typed: string[] = [];
  for (;;) {
    const one = await character();
    if (one === '\u0003' || (one === undefined && typed.length === 0)) throw new UsageError('No input.');
    if (one === undefined || one === '\n' || one === '\r' || one === '\u0004') return typed.join('');
    if (one === '\u007f' || one === '\b') typed.pop();
    else if (one === '\u0015') typed.length = 0;
    else typed.push(one);
  }
}

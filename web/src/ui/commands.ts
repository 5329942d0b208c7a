/** Matches the name of the command, not of the product. */
const COMMAND = /\btouchline [a-z-]/;

/** A text of the server for a page: without commands for a terminal, and the sentences that only name one. Null: nothing is left. */
export function withoutCommands(text: string): string | null {
  const left = text
    .replaceAll(/ \([^()]*\btouchline [a-z][^()]*\)/g, '')
    .replaceAll(/[;:] [^.;:]*`touchline[^`]*`[^.]*/g, '')
    .split(/(?<=[.!?]) +/)
    .filter((sentence) => !COMMAND.test(sentence))
    .join(' ');
  return left === '' ? null : left;
}

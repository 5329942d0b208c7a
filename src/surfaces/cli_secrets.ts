import { type Arguments, kebab, UsageError } from './cli_arguments.ts';
import type { CliIo } from './cli_io.ts';
import { openPrompt } from './cli_prompt.ts';
import type { Field } from './json_schema.ts';

/** Inputs that every user of the machine could read on a command line: the command asks for them, or reads standard input. */
const SECRETS: Readonly<Record<string, string>> = { api_key: 'API key' };

/** Whether the command asks for this input instead of reading it from the command line. */
export function isSecret(name: string): boolean {
  return Object.hasOwn(SECRETS, name);
}

/** Asks for each secret that the command needs. Throws for one on the command line. */
export async function askSecrets(
  fields: readonly Field[],
  all: Arguments['values'],
  io: CliIo,
): Promise<void> {
  const secrets = fields.filter(({ name }) => isSecret(name));
  for (const { name } of secrets) {
    if (all[name] !== undefined)
      throw new UsageError(
        `--${kebab(name)} would be readable in the list of processes. Leave it out: the command asks.`,
      );
    all[name] =
      (await openPrompt(io).ask(`${SECRETS[name]} (hidden):`, { hidden: true })).trim() || undefined;
  }
}

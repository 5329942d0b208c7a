import { type Arguments, kebab, UsageError } from './cli_arguments.ts';
import type { CliCommand } from './cli_commands.ts';
import type { CliIo } from './cli_io.ts';
import { openPrompt } from './cli_prompt.ts';

/** Whether the command asks for this input instead of reading it from the command line. */
export function isSecret({ operation }: CliCommand, name: string): boolean {
  return Object.hasOwn(operation.cli?.secrets ?? {}, name);
}

/** Asks for each secret that the command needs. Throws for one on the command line. */
export async function askSecrets(
  { operation }: CliCommand,
  all: Arguments['values'],
  io: CliIo,
): Promise<void> {
  const secrets = Object.entries(operation.cli?.secrets ?? {});
  for (const [name] of secrets)
    if (all[name] !== undefined)
      throw new UsageError(
        `--${kebab(name)} would be readable in the list of processes. Leave it out: the command asks.`,
      );
  const asked = secrets.filter(([, secret]) => secret.with === undefined || all[secret.with] !== undefined);
  if (asked.length === 0) return;
  using prompt = openPrompt(io);
  for (const [name, { label }] of asked)
    all[name] = (await prompt.ask(`${label} (hidden):`, { hidden: true })).trim() || undefined;
}

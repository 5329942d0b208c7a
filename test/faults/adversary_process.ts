import type { AdversaryReport } from './adversary.ts';
import type { AdversaryArgument } from './adversary_main.ts';
import type { UnsubscribeRaceReport } from './adversary_unsubscribe.ts';
import { spawnProduct } from './worker_process.ts';

type Reports = { adversary: AdversaryReport; unsubscribe: UnsubscribeRaceReport };

/** Runs one scenario in a separate process, as a broken build if one is named, and prints its figures. */
export async function runScenario<Scenario extends AdversaryArgument['scenario']>(
  argument: AdversaryArgument & { scenario: Scenario },
  broken_build?: string,
): Promise<Reports[Scenario]> {
  let said: string | undefined;
  const onLine = (line: string) => {
    said = line;
  };
  const { child, ready, exited, errors } = spawnProduct('adversary_main.ts', argument, {
    broken_build,
    onLine,
  });
  await ready;
  await exited;
  if (child.exitCode !== 0 || said === undefined) {
    throw new Error(`the scenario ended with ${child.exitCode}: ${errors()}`);
  }
  const report = JSON.parse(said) as Reports[Scenario];
  const { findings, ...figures } = report;
  const name = broken_build === undefined ? argument.scenario : `${argument.scenario} (${broken_build})`;
  const summary = { ...figures, findings: findings.length };
  process.stdout.write(`${name}: ${JSON.stringify(summary)}\n`);
  return report;
}

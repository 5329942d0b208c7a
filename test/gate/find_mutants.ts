/**
 * A separate process, since only Node's own loader can change a module. Reads a seed and a count from its arguments,
 * compares the unchanged gate and each mutant with the oracle, and writes its findings as JSON.
 */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { anyCase, verdictOf } from './any_case.ts';
import { oracle } from './gate_oracle.ts';
import { MUTANTS, mutatedGate } from './mutants.ts';

/** The number of cases tried until a gate differed from the oracle; `null` names the unchanged gate. */
export type Found = { name: string | null; asked: number; differs: boolean };

const [seed, numRuns] = process.argv.slice(2).map(Number);
const cases = fc.sample(anyCase(), { seed: seed!, numRuns: numRuns! });
const verdicts = cases.map(({ facts, policy }) => oracle(facts, policy));

const found: Found[] = [];
for (const mutant of [null, ...MUTANTS]) {
  const decide = await mutatedGate(mutant);
  const first = cases.findIndex(
    ({ facts, policy }, at) => !isDeepStrictEqual(verdictOf(decide(facts, policy)), verdicts[at]),
  );
  found.push({
    name: mutant?.name ?? null,
    asked: first === -1 ? cases.length : first + 1,
    differs: first !== -1,
  });
}
process.stdout.write(JSON.stringify(found));

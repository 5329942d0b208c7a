/**
 * A process of its own, since only Node's own loader can change a module: reads a job as JSON from its standard
 * input, compares each mutant with the oracle's answers and writes what it found as JSON.
 */
import { text } from 'node:stream/consumers';
import { caseMaker } from './cases.ts';
import { type Answer, differencesIn } from './compare.ts';
import { MUTANTS, mutatedGate } from './mutants.ts';
import type { Period } from './zones.ts';

export type Job = { seed: number; periods: Period[]; batch_size: number; answers: Answer[][] };
/** In how many of the cases asked a gate differs from the oracle; `null` names the gate as it is. */
export type Found = { name: string | null; differs: number; asked: number };

async function findMutants({ seed, periods, batch_size, answers }: Job): Promise<Found[]> {
  const make = caseMaker(seed, periods);
  const batches = answers.map((_, number) => make(number, batch_size));
  const found: Found[] = [];
  for (const mutant of [null, ...MUTANTS]) {
    const gate = await mutatedGate(mutant);
    let asked = 0;
    let differs = 0;
    // One batch with a difference is enough.
    for (let number = 0; number < batches.length && differs === 0; number++) {
      const batch = batches[number]!;
      asked += batch.cases.length;
      differs = differencesIn(batch, answers[number]!, gate).length;
    }
    found.push({ name: mutant?.name ?? null, differs, asked });
  }
  return found;
}

const job = JSON.parse(await text(process.stdin)) as Job;
process.stdout.write(JSON.stringify(await findMutants(job)));

import { randomInt } from 'node:crypto';
import type { TestProject } from 'vitest/node';
import { startTestServer } from './database_server.ts';
import { useMemoryForFiles } from './scratch_dir.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Whether this is the long run. */
    long: boolean;
    /** Seed of all random choices in this run. */
    seed: number;
    /** Where `testDatabase()` requests this run's server. */
    test_server: string;
  }
}

/** Runs once, around all test files. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const seed = Number(process.env.TOUCHLINE_SEED ?? randomInt(2 ** 31));
  process.stdout.write(`seed ${seed} (TOUCHLINE_SEED=${seed} repeats this run's random choices)\n`);
  project.provide('seed', seed);
  const removeFiles = await useMemoryForFiles();
  const server = await startTestServer();
  project.provide('test_server', server.address);
  return async () => {
    await server.stop();
    await removeFiles();
  };
}

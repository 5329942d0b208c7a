import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';

/** `npm run test:long` adds the files *.long.test.ts and lets `scale()` choose the large figures. */
const long = process.env.TOUCHLINE_TEST === 'long';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, 'bench/**', 'web/**', ...(long ? [] : ['**/*.long.test.ts'])],
    globalSetup: ['test/global_setup.ts'],
    setupFiles: ['test/seed.ts'],
    provide: { long },
    // Processes, not threads: tests start servers, send signals and measure memory.
    pool: 'forks',
    maxWorkers: Math.max(2, Math.min(4, availableParallelism())),
    testTimeout: long ? 1_800_000 : 30_000,
    hookTimeout: long ? 300_000 : 60_000,
    allowOnly: false,
  },
});

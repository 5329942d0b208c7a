import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest_first.ts';

/**
 * Files whose processes are their own: they measure memory, kill, stop and start processes, or open a browser. All others
 * share the modules they load, which saves a quarter of the whole.
 */
const OWN_PROCESS = [
  'test/{bench_*,simulation}.test.ts',
  'test/gate/bench_gate.test.ts',
  'test/{clusters,e2e,process}/**/*.test.ts',
  'test/doctor/{doctor,mailboxes,server}.test.ts',
  'test/faults/{adversary,bombs,cap_race,database_kill,failpoints,storm,worker_process}*.test.ts',
  'test/telemetry/{log_secrets,metrics,tracing,work_process}*.test.ts',
  'test/plays/play_speed.test.ts',
  'src/db/embedded*.test.ts',
];

/** `npm run test:long` adds the files *.long.test.ts and lets `scale()` choose the large figures. */
const long = process.env.TOUCHLINE_TEST === 'long';

const exclude = [...configDefaults.exclude, 'bench/**', 'web/**', ...(long ? [] : ['**/*.long.test.ts'])];

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'own', include: OWN_PROCESS, exclude } },
      {
        extends: true,
        test: {
          name: 'shared',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: [...exclude, ...OWN_PROCESS],
          isolate: false,
        },
      },
    ],
    sequence: { sequencer: LongestFirst },
    globalSetup: ['test/global_setup.ts'],
    setupFiles: ['test/seed.ts'],
    provide: { long },
    // Processes, not threads: tests start servers, send signals and measure memory.
    pool: 'forks',
    // More than two cores can run: a third of the time, tests wait for timers, processes and the disk.
    maxWorkers: Math.max(4, Math.min(8, availableParallelism())),
    testTimeout: long ? 1_800_000 : 30_000,
    hookTimeout: long ? 300_000 : 60_000,
    allowOnly: false,
    // A fact may take long on a machine that has other work; polling ends as soon as it holds.
    expect: { poll: { timeout: 15_000 } },
  },
});

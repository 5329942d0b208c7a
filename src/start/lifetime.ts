import type { Runtime } from './runtime.ts';

/** Ctrl-C reaches every process of the terminal, and launchers forward it: copies arrive within milliseconds. */
const IMPATIENT_AFTER_MS = 1_000;
/** Ctrl-C, a service manager or the launcher's end, and a closed terminal. */
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

type Say = (line: string) => void;

/**
 * Starts what `begin` starts, and runs it until a signal requests the end or the embedded database ends. Signals count from
 * the first moment: one during the start ends it at its next step. A second signal, more than a second later, ends the
 * process at once. Returns the exit code; rethrows errors of `begin`.
 */
export async function runUntilStopped(
  begin: (stopping: AbortSignal) => Promise<Runtime>,
  say: Say,
): Promise<number> {
  const stopping = stopSignal(say);
  try {
    const runtime = await begin(stopping);
    const why = await Promise.race([aborted(stopping), databaseEnd(runtime)]);
    await runtime.stop();
    if (why === 'asked') say('Stopped. The data is kept.');
    else say('The database stopped unexpectedly: see postgres.log in the data directory.');
    return why === 'asked' ? 0 : 3;
  } catch (error) {
    if (!stopping.aborted || error !== stopping.reason) throw error;
    say('Stopped. The data is kept.');
    return 0;
  }
}

function stopSignal(say: Say): AbortSignal {
  // The reader of this process's output may end before the process has stopped.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const stopping = new AbortController();
  let asked_ms = 0;
  const onSignal = () => {
    const now_ms = performance.now();
    if (asked_ms > 0 && now_ms - asked_ms > IMPATIENT_AFTER_MS) process.exit(130);
    if (asked_ms > 0) return;
    asked_ms = now_ms;
    say('Stopping ...');
    stopping.abort();
  };
  for (const signal of STOP_SIGNALS) process.on(signal, onSignal);
  return stopping.signal;
}

function aborted(signal: AbortSignal): Promise<'asked'> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve('asked');
    signal.addEventListener('abort', () => resolve('asked'), { once: true });
  });
}

async function databaseEnd({ embedded }: Runtime): Promise<'database'> {
  if (embedded === null) return new Promise(() => {});
  await embedded.exited;
  return 'database';
}

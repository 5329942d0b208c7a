#!/usr/bin/env node
// Runs under Node 18 or later: Touchline needs Node 26, which the package installs.
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { endAfterNpm } from './npm_above.mjs';

const NEEDED = 26;
/** Set for the process that the launcher starts, which ends with it. */
const LAUNCHED = 'TOUCHLINE_LAUNCHED';
const here = dirname(realpathSync(fileURLToPath(import.meta.url)));
const main = join(here, '..', 'src', 'main.ts');

if (Number(process.versions.node.split('.')[0]) >= NEEDED) {
  endWithLauncher();
  endAfterNpm(() => process.kill(process.pid, 'SIGTERM'));
  // Cached compiled code shortens the start of a command by a third.
  (await import('node:module')).enableCompileCache();
  await import(pathToFileURL(main).href);
} else {
  const node = pinnedNode();
  if (node === undefined) {
    process.stderr.write(
      `Touchline needs Node ${NEEDED}; this is ${process.versions.node}, and the Node that Touchline installs ` +
        'is not installed. Run: npm ci\n',
    );
    process.exit(3);
  }
  runWith(node);
}

/** npm may have put the package `node` next to this one or, in a workspace, into any directory above. */
function pinnedNode() {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  for (let folder = join(here, '..'); ; folder = dirname(folder)) {
    const found = join(folder, 'node_modules', 'node', 'bin', name);
    if (existsSync(found)) return realpathSync(found);
    if (dirname(folder) === folder) return undefined;
  }
}

/** The channel closes when the launcher ends, for any reason: SIGKILL is never passed on. */
function endWithLauncher() {
  if (process.env[LAUNCHED] === undefined || !process.connected) return;
  delete process.env[LAUNCHED];
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  // A finished command does not wait for its launcher.
  process.channel.unref();
}

function runWith(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    env: { ...process.env, [LAUNCHED]: '1' },
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  // A terminal sends Ctrl-C to both processes: the child decides when it is done, and we wait for it.
  const forwarded = ['SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'];
  for (const signal of forwarded) process.on(signal, () => child.kill(signal));
  endAfterNpm(() => child.kill('SIGTERM'));
  process.on('SIGINT', () => {
    if (!process.stdin.isTTY) child.kill('SIGINT');
  });
  child.on('error', (error) => {
    process.stderr.write(`Touchline cannot start ${node}: ${error.message}\n`);
    process.exit(3);
  });
  child.on('exit', (code, signal) => {
    process.exit(signal === null ? code : 128 + (constants.signals[signal] ?? 0));
  });
}

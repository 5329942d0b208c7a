import { spawn } from 'node:child_process';
import { CHILD_ENV } from './embedded_identity.ts';

/**
 * Reads a line that never arrives: its input ends when the process at the other end has ended in any way. A process that
 * has ended but was not collected (a zombie) no longer runs.
 */
const SCRIPT = `
read -r released && exit
runs() {
  kill -0 "$1" 2>/dev/null || return 1
  read -r _ _ state _ 2>/dev/null <"/proc/$1/stat" || return 0
  [ "$state" != Z ]
}
for step in INT:15 QUIT:5 KILL:5; do
  kill -"\${step%:*}" "$1" 2>/dev/null || exit
  seconds=0
  while [ "$seconds" -lt "\${step#*:}" ]; do
    runs "$1" || exit
    sleep 1
    seconds=$((seconds + 1))
  done
done
`;

/**
 * Ends process `pid` when this process ends without `release`, SIGKILL included: a small separate process waits for the end
 * of a pipe that this one holds. It sends SIGINT (PostgreSQL's fast shutdown), then SIGQUIT, then SIGKILL.
 */
export function guardProcess(pid: number): { release(): void } {
  // In its own session: neither Ctrl-C nor a closed terminal reaches it.
  const guard = spawn('/bin/sh', ['-c', SCRIPT, 'touchline-guard', String(pid)], {
    cwd: '/',
    env: CHILD_ENV,
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without a guard, a killed process leaves its server behind, and the next start stops it.
  guard.on('error', () => undefined);
  guard.stdin.on('error', () => undefined);
  guard.unref();
  if ('unref' in guard.stdin && typeof guard.stdin.unref === 'function') guard.stdin.unref();
  return { release: () => void guard.stdin.end('released\n') };
}

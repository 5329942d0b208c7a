// npm puts itself and a shell between us and whoever starts us. When npm is killed, no signal reaches us: SIGKILL passes
// nothing on, and npx's shell passes no SIGTERM on. So the process that npm started watches npm and ends after it.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const CHECK_MS = 500;
/** `npm start`, as npm names its process, or the path of its program. */
const PACKAGE_MANAGER = /(^|[/\\])(npm|npx|pnpm|pnpx|yarn)(-cli)?(\.c?js)?(\s|$)/;

/** Calls `end` once the package manager that started this process has ended; does nothing if none did. */
export function endAfterNpm(end) {
  const npm = process.env.npm_command === undefined ? undefined : npmAbove();
  if (npm === undefined) return;
  const timer = setInterval(() => {
    if (isSame(npm)) return;
    clearInterval(timer);
    end();
  }, CHECK_MS);
  timer.unref();
}

/** Our parent, or the parent of the shell that npm started. Anything further up may end before us. */
function npmAbove() {
  const parent = processAt(process.ppid);
  if (parent === undefined || PACKAGE_MANAGER.test(parent.command)) return parent;
  const above = processAt(parent.parent_pid);
  return above !== undefined && PACKAGE_MANAGER.test(above.command) ? above : undefined;
}

/** Whether the process still runs, and is not a later one with the same id. */
function isSame({ pid, started }) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code !== 'EPERM') return false;
  }
  return process.platform !== 'linux' || processAt(pid)?.started === started;
}

/** Undefined where there is no such process, and where the system does not say. */
function processAt(pid) {
  try {
    return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
  } catch {
    return undefined;
  }
}

function fromProc(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in brackets may hold spaces and brackets. After it: state, parent, and as the 20th the start (proc(5)).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z') return undefined;
  const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  return { pid, parent_pid: Number(fields[1]), started: fields[19], command };
}

function fromPs(pid) {
  const line = execFileSync('ps', ['-o', 'ppid=,command=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  const [, parent, command] = /^(\d+)\s+(.*)$/s.exec(line);
  return { pid, parent_pid: Number(parent), started: '', command };
}

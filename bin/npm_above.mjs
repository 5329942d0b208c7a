// npm puts itself and a shell between this process and its caller. When npm is killed, no signal arrives here: SIGKILL is
// never passed on, and npx's shell does not pass on SIGTERM. So the process that npm started watches npm and ends after it.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const CHECK_MS = 500;
/** `npm start` in npm's own process title, or the path of its program. */
const PACKAGE_MANAGER = /(^|[/\\])(npm|npx|pnpm|pnpx|yarn)(-cli)?(\.c?js)?(\s|$)/;

/** Calls `end` once the package manager that started this process has ended; does nothing without one. */
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

/** Our parent, or the parent of the shell that npm started. Processes above it may end before us. */
function npmAbove() {
  const parent = processAt(process.ppid);
  if (parent === undefined || PACKAGE_MANAGER.test(parent.command)) return parent;
  const above = processAt(parent.parent_pid);
  return above !== undefined && PACKAGE_MANAGER.test(above.command) ? above : undefined;
}

/** Whether this process still runs, and no later one has its id. */
function isSame({ pid, started }) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code !== 'EPERM') return false;
  }
  return process.platform !== 'linux' || processAt(pid)?.started === started;
}

/** Undefined without such a process, and on systems that do not report it. */
function processAt(pid) {
  try {
    return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
  } catch {
    return undefined;
  }
}

function fromProc(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in parentheses may contain spaces and parentheses. After it: state, parent, and as the 20th field the start
  // (proc(5)).
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

/** Shows progress on stderr: a moving bar on a terminal, one line at the end elsewhere. */
export type Progress = { add(count: number): void; done(): void };

const BAR_WIDTH = 30;
const REDRAW_MS = 100;

export function startProgress(label: string, total: number): Progress {
  const { stderr } = process;
  const started_ms = performance.now();
  let count = 0;
  let drawn_ms = 0;
  const draw = () => {
    const share = total === 0 ? 1 : Math.min(1, count / total);
    const bar = '#'.repeat(Math.round(share * BAR_WIDTH)).padEnd(BAR_WIDTH, '.');
    stderr.write(`\r${label.padEnd(28)} [${bar}] ${Math.round(share * 100)}%`);
  };
  return {
    add(more) {
      count += more;
      if (!stderr.isTTY || performance.now() - drawn_ms < REDRAW_MS) return;
      drawn_ms = performance.now();
      draw();
    },
    done() {
      const seconds = ((performance.now() - started_ms) / 1000).toFixed(1);
      stderr.write(`${stderr.isTTY ? '\r\x1b[K' : ''}${label.padEnd(28)} ${seconds} s\n`);
    },
  };
}

/** Prints one line on stderr. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

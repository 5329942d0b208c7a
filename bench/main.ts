/**
 * `npm run bench -- <name> [options] [--json]` measures the product on this machine. Each benchmark is a module that
 * exports `run(args)` and returns plain figures; `--json` prints them as one object.
 */
import { constants } from 'node:os';

type Figures = Record<string, unknown>;
/** `table`: the figures for people, where one figure per line does not do. */
type Bench = { run(args: string[]): Figures | Promise<Figures>; table?(figures: Figures): string };

const BENCHES: Record<string, () => Promise<Bench>> = {
  api: () => import('./api.ts'),
  dispatch: () => import('./dispatch.ts'),
  gate: () => import('./gate.ts'),
  web: () => import('./web.ts'),
};

const [name = '', ...rest] = process.argv.slice(2);
const load = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
if (load === undefined) {
  process.stderr.write(`usage: npm run bench -- ${Object.keys(BENCHES).join('|')} [options] [--json]\n`);
  process.exitCode = 2;
} else {
  // An interrupted run leaves no server behind: its child processes end with this process.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
  const bench = await load();
  const figures = await bench.run(rest.filter((argument) => argument !== '--json'));
  const print = rest.includes('--json') ? JSON.stringify : (bench.table ?? table);
  process.stdout.write(`${print(figures)}\n`);
}

/** Nested figures become dotted names, one figure per line. */
function table(figures: Figures): string {
  const rows = flatten(figures);
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, value]) => `${label.padEnd(width)}  ${value}`).join('\n');
}

function flatten(figures: Figures, prefix = ''): [string, string][] {
  return Object.entries(figures).flatMap(([key, value]): [string, string][] => {
    if (typeof value === 'object' && value !== null) return flatten(value as Figures, `${prefix}${key}.`);
    return [[prefix + key, typeof value === 'number' ? value.toLocaleString('en') : String(value)]];
  });
}

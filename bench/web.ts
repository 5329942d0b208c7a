/**
 * Measures how fast the pages respond to a person: Chromium reviews the drafts of a large org on the product's own `serve`,
 * in a separate process. The browser itself reports the time from each key press to its paint (the `event` entries behind
 * the metric INP: from the press to the next paint, in steps of 8 ms).
 *
 * Options: `--leads`, `--presses` (of each key), `--opens`, `--database-url`, `--out FILE`. One in five leads is enrolled,
 * and one in four enrollments has a pending draft, up to 10,000: 1,000,000 leads have 10,000 drafts.
 */
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { buildWeb } from '../test/e2e/product.ts';
import { addOpenWork } from './api/open_work.ts';
import { type Server, startServer } from './api/server.ts';
import { openBenchDatabase } from './dispatch/database.ts';
import { buildWorld } from './dispatch/world.ts';
import { whole } from './option_values.ts';
import { type Answer, measureDrafts } from './web/drafts.ts';

const LEADS_PER_ACCOUNT = 10;
const LEADS_PER_ENROLLMENT = 5;
/** Limits up to which people perceive an answer as immediate, and as prompt. */
const PAINT_MAX_MS = 100;
const OPEN_MAX_MS = 300;

type Options = { leads: number; presses: number; opens: number; database_url?: string; out?: string };

export async function run(args: string[]): Promise<Record<string, unknown>> {
  const options = readOptions(args);
  await buildWeb();
  const database = await openBenchDatabase(options.database_url);
  try {
    const started_ms = performance.now();
    const enrollments = Math.floor(options.leads / LEADS_PER_ENROLLMENT);
    const size = { leads: options.leads, enrollments, leads_per_account: LEADS_PER_ACCOUNT };
    const world = await buildWorld(database, size);
    const key = `tl_${randomBytes(32).toString('base64url')}`;
    const server = await startServer(database.app_url, key);
    try {
      await addOpenWork(database, world, await whoAmI(server, key));
      await database.settle();
      const build_seconds = Math.round((performance.now() - started_ms) / 1_000);
      const load_before = loadavg()[0];
      const measured = await measureDrafts({ url: server.url, key }, options);
      const figures = {
        ...measured,
        slower_than_promised: slow(measured),
        world: { leads: world.leads, enrollments: world.enrollments, build_seconds },
        run: { presses: options.presses, opens: options.opens, processors: cpus().length, load_before },
      };
      if (options.out !== undefined) await writeFile(options.out, `${JSON.stringify(figures, null, 2)}\n`);
      return figures;
    } finally {
      await server.stop();
    }
  } finally {
    await database.close();
  }
}

function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      leads: { type: 'string', default: '1000000' },
      presses: { type: 'string', default: '40' },
      opens: { type: 'string', default: '5' },
      'database-url': { type: 'string' },
      out: { type: 'string' },
    },
  });
  return {
    leads: whole('leads', values.leads, 5_000),
    presses: whole('presses', values.presses, 1, 1_000),
    opens: whole('opens', values.opens, 1, 100),
    ...(values['database-url'] === undefined ? {} : { database_url: values['database-url'] }),
    ...(values.out === undefined ? {} : { out: values.out }),
  };
}

function slow({ keys, open }: { keys: Record<string, Answer>; open: Answer }): string[] {
  const slow_keys = Object.entries(keys).filter(([, { p98_ms }]) => p98_ms >= PAINT_MAX_MS);
  return [...slow_keys.map(([name]) => name), ...(open.p98_ms >= OPEN_MAX_MS ? ['open'] : [])];
}

async function whoAmI(server: Server, key: string): Promise<string> {
  const response = await fetch(`${server.url}/api/v1/me`, { headers: { authorization: `Bearer ${key}` } });
  if (!response.ok) throw new Error(`/me returned ${response.status}`);
  return ((await response.json()) as { user_id: string }).user_id;
}

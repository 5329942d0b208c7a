import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { DAY_MS } from '../../src/core/durations.ts';
import { ask, type Door } from '../clusters/product_chain.ts';
import { type AttioDouble, startAttioDouble } from '../connectors/attio_double.ts';
import { seededRandom } from '../faults/seeded_random.ts';
import { productProcesses, URL_LINE, untilPrinted } from '../process/product_process.ts';
import { scale } from '../scale.ts';
import { actualOf, differences, expectedOf } from './list.ts';
import { planYear } from './script.ts';
import { YearWorld } from './world.ts';

/* A year of the product as a whole process, at speed, with a CRM beside it. */

const DAYS = scale(16, 365);
const PEOPLE = scale(16, 360);
/** A day in a second; in the short run, a little faster. */
const SPEED = scale(120_000, 86_400);
const LONGEST_MS = (DAYS * DAY_MS) / SPEED + 420_000;

let data_dir: string;
let double: AttioDouble;
let door: Door;
let product: ReturnType<typeof productProcesses>;

beforeAll(async () => {
  data_dir = await mkdtemp(join(tmpdir(), 'touchline-year-'));
  double = await startAttioDouble({ seed: inject('seed') });
  product = productProcesses(data_dir, { TOUCHLINE_SAMPLE: 'none' });
  const up = product.touchline(['up', '--speed', String(SPEED)]);
  await untilPrinted(up, URL_LINE);
  door = JSON.parse(await readFile(join(data_dir, 'cli.json'), 'utf8'));
  const { api_key, members } = double.world;
  const body = { crm: 'attio', api_key, base_url: double.url, deal_owner_id: members[0]!.id };
  await ask(door, '/crm', { method: 'PUT', body });
}, 120_000);

afterAll(async () => {
  await product.stopAll();
  await double.close();
  await rm(data_dir, { recursive: true, force: true });
});

it(
  'ends with exactly the deals, stages, activities, and tasks that happened',
  async () => {
    const people = planYear(seededRandom(inject('seed')), PEOPLE, DAYS);
    const world = new YearWorld({ door, double, data_dir, people, days: DAYS, speed: SPEED });
    const mail = await world.live();
    const [expected, actual] = [expectedOf(people, mail), actualOf(double.world)];
    const counts = Object.entries(actual).map(([kind, lines]) => `${kind} ${lines.length}`);
    process.stdout.write(`year: ${mail.length} messages; in the CRM: ${counts.join(', ')}\n`);
    expect(differences(expected, actual)).toEqual([]);
    expect(double.over()).toBe(0);
    const late = mail.filter(({ email, received_at }) => {
      const marked_ms = world.opted_out_ms.get(email);
      return marked_ms !== undefined && Date.parse(received_at) > marked_ms + 2 * DAY_MS;
    });
    expect(late).toEqual([]);
  },
  LONGEST_MS,
);

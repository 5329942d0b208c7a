import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { countMatches, matchLeads } from '../../src/coordinator/plays/audience.ts';
import { audienceOf, type TargetDefinition, titleFits } from '../../src/core/plays/audience.ts';
import { testDatabase } from '../database.ts';
import { createPlayRunWorld, type PlayRunWorld } from './play_run_world.ts';

/* The audience of a target definition: by hand, and the database against another implementation. */

const { db } = await testDatabase();

describe('a title', () => {
  it.each([
    [['CFO'], 'cfo', true],
    [['CFO'], 'Group CFO, EMEA', true],
    [['CFO'], 'CFOs', false],
    [['CFO'], 'Deputy-CFO', true],
    [['cfo'], 'ACFO', false],
    [['VP Finance'], 'Senior vp  finance', true],
    [['VP Finance'], 'VP of Finance', false],
    [['C++ Lead'], 'Principal c++ lead', true],
    [['C'], 'C++', true],
    [['.NET'], 'ANET', false],
    [['R&D (all)'], 'head of r&d (ALL)', true],
    [['*'], 'anything', false],
    [['.*'], 'anything', false],
    [['a|b'], 'a', false],
    [['[x]'], 'x', false],
    [['\\d'], '7', false],
    [['Geschäftsführer'], 'GESCHÄFTSFÜHRER', true],
    [['Führer'], 'Geschäftsführer', false],
    [['директор'], 'Финансовый ДИРЕКТОР', true],
    [['部長'], '営業部長', true],
    [['Controller', 'CFO'], 'Financial Controller', true],
    [['Controller', 'CFO'], null, false],
  ])('%j in %j: %s', async (titles, title, fits) => {
    expect(titleFits(titles, title)).toBe(fits);
    const { title_pattern } = audienceOf({ segment: null, account_id: null, target_definition: { titles } });
    const { rows } = await db.query<{ fits: boolean | null }>('SELECT $1::text ~ $2 AS fits', [
      title,
      title_pattern,
    ]);
    expect(rows[0]!.fits ?? false).toBe(fits);
  });

  it('is read alike by database and product, whatever it contains', async () => {
    const words = fc.string({
      unit: fc.constantFrom(...'aAbB9 é+*.()[]{}|\\^$?-/&ßİǅ部'),
      minLength: 1,
      maxLength: 5,
    });
    const one = fc.tuple(
      fc.array(
        words.filter((word) => /\S/.test(word)),
        { minLength: 1, maxLength: 3 },
      ),
      words,
    );
    await fc.assert(
      fc.asyncProperty(fc.array(one, { minLength: 50, maxLength: 50 }), async (asked) => {
        const patterns = asked.map(
          ([titles]) =>
            audienceOf({ segment: null, account_id: null, target_definition: { titles } }).title_pattern,
        );
        const { rows } = await db.query<{ fits: boolean }>(
          'SELECT t ~ p AS fits FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS a(t, p, n) ORDER BY n',
          [asked.map(([, title]) => title), patterns],
        );
        expect(rows.map((row) => row.fits)).toEqual(asked.map(([titles, title]) => titleFits(titles, title)));
      }),
      { numRuns: 40 },
    );
  });
});

type Person = {
  segment: string | null;
  vertical: string | null;
  icp_tier: string | null;
  lifecycle_stage: string | null;
  title: string | null;
  intent_signals: string[];
  of_account: { segment: string | null; vertical: string | null; icp_tier: string | null };
};

const TIERS = ['T1', 'T2', 'T3', null];
const SEGMENTS = ['mm', 'smb', null];
const VERTICALS = ['Retail', 'retail', 'Banking', null];
const STAGES = ['MQL', 'sql', null];
const TITLES = ['CFO', 'Group cfo', 'Controller', null];
const SIGNALS = ['pricing_page', 'demo_request', 'webinar'];

describe('the leads of a play', () => {
  let world: PlayRunWorld;
  let campaign_id: string;
  const people = new Map<string, Person>();

  beforeAll(async () => {
    world = await createPlayRunWorld(db);
    const play_id = await world.playIn('active');
    campaign_id = await world.compile(play_id);
    let n = 0;
    for (let person = 0; person < 120; person += 1) {
      const pick = (list: readonly (string | null)[]) => {
        n = (Math.imul(n, 1_103_515_245) + 12_345) & 0x7fff_ffff;
        return list[(n >> 8) % list.length]!;
      };
      const columns = {
        segment: pick(SEGMENTS),
        vertical: pick(VERTICALS),
        icp_tier: pick(TIERS),
        lifecycle_stage: pick(STAGES),
        title: pick(TITLES),
        intent_signals: SIGNALS.filter(() => pick(['yes', null]) !== null),
      };
      const of_account = { segment: pick(SEGMENTS), vertical: pick(VERTICALS), icp_tier: pick(TIERS) };
      const id = await world.addLead(columns);
      await db.query(
        `UPDATE accounts SET segment = $2, vertical = $3, icp_tier = $4 WHERE id = (SELECT account_id FROM leads WHERE id = $1)`,
        [id, of_account.segment, of_account.vertical, of_account.icp_tier],
      );
      people.set(id, { ...columns, of_account });
    }
  });

  const target = fc.record(
    {
      icp_tiers: fc.subarray(['T1', 'T2', 'T3'] as const),
      segments: fc.subarray(['mm', 'smb', 'ent']),
      verticals: fc.subarray(['RETAIL', 'banking', 'x']),
      lifecycle_stages: fc.subarray(['mql', 'SQL']),
      titles: fc.subarray(['cfo', 'controller']),
      intent_signals: fc.record(
        { any: fc.subarray(SIGNALS), all: fc.subarray(SIGNALS) },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: [] },
  );

  it('match its definition and its segment', async () => {
    await fc.assert(
      fc.asyncProperty(target, fc.constantFrom('mm', 'smb'), async (target_definition, segment) => {
        const audience = audienceOf({ segment, account_id: null, target_definition });
        const asked = { audience, campaign_id, limit: 500, set_aside: [] };
        const { lead_ids, rest_after } = await world.asCoordinator((scope) => matchLeads(scope, asked, null));
        const meant = [...people].filter(([, person]) => isMeant(person, segment, target_definition));
        expect(lead_ids).toEqual(meant.map(([id]) => id).sort());
        expect(rest_after).toBeNull();
        const counted = await world.asCoordinator((scope) => countMatches(scope, audience));
        expect(counted).toEqual({ match_count: meant.length, is_complete: true });
      }),
      { numRuns: 60 },
    );
  });

  it('are found in batches, without duplicates or gaps', async () => {
    const audience = audienceOf({ segment: 'mm', account_id: null, target_definition: {} });
    const all = await world.asCoordinator((scope) =>
      matchLeads(scope, { audience, campaign_id, limit: 500, set_aside: [] }, null),
    );
    const found: string[] = [];
    const left_out = all.lead_ids[3]!;
    for (let after: string | null = null, parts = 0; parts < 100; parts += 1) {
      const asked = { audience, campaign_id, limit: 4, set_aside: [left_out] };
      const part: Awaited<ReturnType<typeof matchLeads>> = await world.asCoordinator((scope) =>
        matchLeads(scope, asked, after),
      );
      found.push(...part.lead_ids);
      after = part.rest_after;
      if (after === null) break;
    }
    expect(found.length).toBeGreaterThan(20);
    expect(found).toEqual(all.lead_ids.filter((id) => id !== left_out));
  });
});

/** The specification in other words. */
function isMeant(person: Person, segment: string, target: TargetDefinition): boolean {
  const { of_account: account } = person;
  const own_segment = person.segment ?? account.segment;
  const among = (list: readonly string[] | undefined, value: string | null, fold = false) =>
    !list?.length ||
    list.some((entry) => (fold ? entry.toLowerCase() === value?.toLowerCase() : entry === value));
  const { any = [], all = [] } = target.intent_signals ?? {};
  return (
    own_segment === segment &&
    among(target.icp_tiers, person.icp_tier ?? account.icp_tier) &&
    among(target.segments, own_segment) &&
    among(target.verticals, person.vertical ?? account.vertical, true) &&
    among(target.lifecycle_stages, person.lifecycle_stage, true) &&
    (!target.titles?.length ||
      target.titles.some((title) => (person.title ?? '').toLowerCase().split(' ').includes(title))) &&
    (any.length === 0 || any.some((signal) => person.intent_signals.includes(signal))) &&
    all.every((signal) => person.intent_signals.includes(signal))
  );
}

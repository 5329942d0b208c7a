import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { isLinkedinProfile, linkedinKey } from '../../src/core/gate/unreachable.ts';
import { leadAddressOperations } from '../../src/operations/leads/addresses.ts';
import { leadOperations } from '../../src/operations/leads/leads.ts';
import { testDatabase } from '../database.ts';
import { createWorld } from '../world.ts';
import { readOf } from './explain_world.ts';
import { importFile } from './import_world.ts';

const { db } = await testDatabase();

it('only a LinkedIn page is a profile; the database applies the same rule', async () => {
  for (const [address, is_profile] of [
    ['https://www.linkedin.com/in/ada', true],
    ['HTTP://de.LinkedIn.com:443/in/ada?x=1', true],
    ['https://linkedin.com', true],
    ['https://linkedin.example/in/ada', true],
    ['https://evil.example/in/abd', false],
    ['https://linkedin.com.evil.example/in/ada', false],
    ['https://notlinkedin.com/in/ada', false],
    ['https://www.linkedin.com@evil.example/in/ada', false],
    ['https://evil.example/https://www.linkedin.com/in/ada', false],
    ['https://evil.example#.linkedin.com/in/ada', false],
    ['https://evil.example\\.linkedin.com/in/ada', false],
    ['', false],
  ] as const) {
    expect(isLinkedinProfile(address), address).toBe(is_profile);
    const { rows } = await db.query('SELECT is_linkedin_profile($1) AS found', [address]);
    expect(rows, address).toEqual([{ found: is_profile }]);
  }
});

const SPELLINGS = [
  'https://www.linkedin.com/in/jörg',
  'https://linkedin.com/in/J%C3%96RG',
  'https://de.linkedin.com/in/jo\u0308rg/en',
  'https://linkedin.com/in/jörg/details/experience/',
  'https://linkedin.com//in//jörg?trk=x',
  'https://linkedin.com/in/j%c3%b6rg%20/#top',
];

it('one profile has one key in every spelling; the database has the same rule', async () => {
  for (const [address, key] of [
    ...SPELLINGS.map((address) => [address, '/in/jörg'] as const),
    ['https://linkedin.com/pub/ann/1/2a/3B/', '/pub/ann/1/2a/3b'],
    ['https://linkedin.com/sales/lead/ACw,x', '/sales/lead/acw,x'],
    ['https://linkedin.com/in/%F0%9F%98%80%e6%97%a5', '/in/😀日'],
    ['https://linkedin.com/in/100%', '/in/100%'],
    ['https://linkedin.com/in/j%F6rg%41', '/in/j%f6rg%41'],
    ['https://linkedin.com/in/%ED%A0%80', '/in/%ed%a0%80'],
    ['https://linkedin.com/in/a%00', '/in/a%00'],
    ['https://linkedin.com/in/%20', null],
    ['https://linkedin.com/company/acme', null],
  ] as const) {
    expect(linkedinKey(address), address).toBe(key);
    const { rows } = await db.query(`SELECT address_key('linkedin', $1) AS key`, [address]);
    expect(rows, address).toEqual([{ key }]);
  }
});

it('profiles stored under several keys become one, and their leads a merge suggestion', async () => {
  const { db } = await testDatabase();
  const world = await createWorld(db);
  const sql = (name: string) => readFile(new URL(`../../db/migrations/${name}.sql`, import.meta.url), 'utf8');
  const before = /CREATE (FUNCTION address_key.*? END;)/s.exec(await sql('0051_lead_addresses'))![1]!;
  await db.query(`CREATE OR REPLACE ${before} DROP FUNCTION percent_decoded`);
  const [first, second, ...others] = SPELLINGS.filter((address) => !address.includes('//in'));
  const ann = await world.addLead({ linkedin_url: first });
  world.clock.advance(1_000);
  const also_ann = await world.addLead({ linkedin_url: second });
  const [add] = leadAddressOperations;
  for (const value of others) await readOf(world, add, { id: ann, kind: 'linkedin', value });
  await db.query(`BEGIN; ${await sql('0079_linkedin_keys')}; COMMIT`);
  const profiles = await world.rows('lead_addresses', `kind = 'linkedin'`);
  expect(profiles).toMatchObject([{ lead_id: ann, value: first, value_key: '/in/jörg', is_primary: true }]);
  const [lead_id, other_lead_id] = [ann, also_ann].sort();
  expect(await world.rows('lead_merge_suggestions')).toMatchObject([
    { lead_id, other_lead_id, reason: 'same_profile', ended_at: null },
  ]);
  await db.close();
});

it('a profile of 500 characters is accepted everywhere, and a longer one refused with its path', async () => {
  const world = await createWorld(db);
  const [add] = leadAddressOperations;
  const patch = leadOperations.find(({ name }) => name === 'patch_lead')!;
  const id = await world.addLead({ email: 'ann@acme.example', linkedin_url: null });
  const profile = (chars: number) => 'https://linkedin.com/in/'.padEnd(chars, 'a');
  const file = (column: string, url: string) =>
    importFile(world, `Email,${column}\nann@acme.example,${url}\n`);
  for (const column of ['LinkedIn', 'Other addresses']) {
    expect((await file(column, profile(501))).errors, column).toMatchObject([
      { line: 2, column, code: 'url_invalid', message: 'longer than 500 characters' },
    ]);
  }
  expect((await file('LinkedIn', profile(501).slice('https://'.length))).errors).toHaveLength(1);
  const patched = patch.input.safeParse({ id, linkedin_url: profile(501) });
  expect(patched.error?.issues).toMatchObject([{ path: ['linkedin_url'], code: 'too_big' }]);
  const added = add.input.safeParse({ id, kind: 'linkedin', value: profile(501) });
  expect(added.error?.issues).toMatchObject([{ path: ['value'], code: 'too_big' }]);
  expect((await file('LinkedIn', profile(500))).errors).toEqual([]);
  const { addresses } = await readOf<{ addresses: unknown[] }>(world, patch, {
    id,
    linkedin_url: profile(499),
  });
  expect(addresses).toHaveLength(3);
});

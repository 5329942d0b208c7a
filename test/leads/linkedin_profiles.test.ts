import { expect, it } from 'vitest';
import { isLinkedinProfile } from '../../src/core/gate/unreachable.ts';
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

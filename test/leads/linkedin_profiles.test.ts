import { expect, it } from 'vitest';
import { isLinkedinProfile } from '../../src/core/gate/unreachable.ts';
import { testDatabase } from '../database.ts';

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

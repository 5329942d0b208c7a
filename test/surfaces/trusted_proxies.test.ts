import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { startWorld } from './world.ts';

/* Clients are counted by the address that connects, unless that is a proxy which an operator named. */

/** How many of six sign-ins, each from another claimed address, are answered before the limit. */
async function answered(trusted: string): Promise<number> {
  const { trusted_proxies } = readConfig({ TOUCHLINE_TRUSTED_PROXIES: trusted });
  const world = await startWorld({ trusted_proxies, limits: { sign_in_per_minute: 3 } });
  let count = 0;
  for (let n = 0; n < 6; n += 1) {
    const response = await fetch(`${world.url}/api/v1/sessions`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        origin: world.url,
        'x-forwarded-for': `203.0.113.${n}, 198.51.100.7`,
      },
      body: JSON.stringify({ password: 'x' }),
    });
    if (response.status !== 429) count += 1;
  }
  await world.close();
  return count;
}

describe('X-Forwarded-For', () => {
  it('is not read by default', async () => {
    expect(await answered('')).toBe(3);
  });

  it('is not read from any address but a named proxy', async () => {
    expect(await answered('10.0.0.0/8, 192.0.2.1')).toBe(3);
  });

  it('is read from a named proxy, up to the first address that is not a proxy', async () => {
    expect(await answered('127.0.0.1'), '198.51.100.7 is the client').toBe(3);
    expect(await answered('127.0.0.0/8, 198.51.100.7'), 'each of 203.0.113.x is one').toBe(6);
  });
});

import { Resolver } from 'node:dns/promises';
import { AppError } from '../errors.ts';
import type { DnsRecords } from './connector.ts';

/** Codes for missing records and impossible names. */
const NOTHING = ['ENOTFOUND', 'ENODATA', 'EBADNAME'];

/** Queries this machine's resolvers, or `servers` (`address:port`), with `timeout_ms` for each of two tries. */
export function dnsRecords(options: { timeout_ms: number; servers?: readonly string[] }): DnsRecords {
  const resolver = new Resolver({ timeout: options.timeout_ms, tries: 2 });
  if (options.servers !== undefined) resolver.setServers(options.servers);
  return {
    txt: (name) =>
      answered(name, async () => (await resolver.resolveTxt(name)).map((parts) => parts.join(''))),
    a: (name) => answered(name, () => resolver.resolve4(name)),
    aaaa: (name) => answered(name, () => resolver.resolve6(name)),
    mx: (name) =>
      answered(name, async () => {
        const found = await resolver.resolveMx(name);
        // An empty name means that the domain accepts no mail (RFC 7505).
        const exchanges = found.filter(({ exchange }) => exchange !== '' && exchange !== '.');
        return exchanges.sort((a, b) => a.priority - b.priority).map(({ exchange }) => exchange);
      }),
  };
}

async function answered(name: string, ask: () => Promise<string[]>): Promise<string[]> {
  try {
    return await ask();
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    if (NOTHING.includes(code)) return [];
    throw new AppError('dns_unanswered', `DNS gave no answer for ${name} (${code}).`);
  }
}

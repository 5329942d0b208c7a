import { Resolver } from 'node:dns/promises';
import { AppError } from '../errors.ts';
import type { TextRecords } from './connector.ts';

/** What a resolver says when it knows that there is nothing. */
const NOTHING = ['ENOTFOUND', 'ENODATA'];

/** Asks the resolvers of this machine, or `servers` (`address:port`), which have `timeout_ms` for each of two tries. */
export function dnsRecords(options: { timeout_ms: number; servers?: readonly string[] }): TextRecords {
  const resolver = new Resolver({ timeout: options.timeout_ms, tries: 2 });
  if (options.servers !== undefined) resolver.setServers(options.servers);
  return {
    async txt(name) {
      try {
        return (await resolver.resolveTxt(name)).map((parts) => parts.join(''));
      } catch (error) {
        const { code = 'unknown' } = error as NodeJS.ErrnoException;
        if (NOTHING.includes(code)) return [];
        throw new AppError('dns_unanswered', `DNS gave no answer for ${name} (${code}).`, { status: 503 });
      }
    },
  };
}

import { registerHooks } from 'node:module';
import { brokenBuild, mutate, mutationsByFile, sourceUrl } from './broken_builds.ts';
import type { Mutation } from './build_types.ts';

/* Loaded with `--import`: runs the product as the broken build that TOUCHLINE_BROKEN_BUILD names, by changing its sources
   while they are loaded. Without the variable it does nothing. A change that does not find its text ends the process before
   anything has started: a broken build that is not broken would prove nothing. */

process.stdin.once('end', () => process.exit(1));
process.stdin.resume();
process.stdin.unref();

const name = process.env.TOUCHLINE_BROKEN_BUILD;
const waiting = new Map<string, Mutation[]>();

if (name) {
  for (const [file, mutations] of mutationsByFile(brokenBuild(name)))
    waiting.set(sourceUrl(file).href, mutations);
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context);
      const mutations = waiting.get(url);
      if (mutations === undefined) return loaded;
      const source = mutate(textOf(loaded.source), mutations);
      waiting.delete(url);
      return { ...loaded, source };
    },
  });
}

/** Throws if a file to be broken has not been loaded. Call it once everything is loaded. */
export function requireBroken(): void {
  if (waiting.size > 0) throw new Error(`not loaded, so not broken: ${[...waiting.keys()].join(', ')}`);
}

function textOf(source: unknown): string {
  if (typeof source === 'string') return source;
  if (source instanceof Uint8Array) return Buffer.from(source).toString('utf8');
  throw new Error('the loader gave no source');
}

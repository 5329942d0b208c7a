import { Readable } from 'node:stream';
import type { z } from 'zod';
import { actingDb } from '../../src/db/acting.ts';
import { AppError } from '../../src/errors.ts';
import { importLeads } from '../../src/operations/leads/imports.ts';
import { actorOf, type Principal } from '../../src/principal.ts';
import type { World } from '../world.ts';

export type ImportAnswer = z.output<typeof importLeads.output>;

export type ImportOptions = {
  dry_run?: boolean;
  mapping?: unknown;
  media_type?: string;
  principal?: Principal;
};

/** Imports as a surface does: inputs are text read by the schema, the body is a stream. */
export async function importFile(
  world: World,
  body: string | Buffer | Readable,
  { dry_run = false, mapping, media_type = 'text/csv', principal = world.person }: ImportOptions = {},
): Promise<ImportAnswer> {
  const stream = body instanceof Readable ? body : Readable.from([Buffer.from(body)], { objectMode: false });
  const query = {
    dry_run: String(dry_run),
    ...(mapping === undefined ? {} : { mapping: JSON.stringify(mapping) }),
  };
  const answer = await importLeads.run({
    context: { ...world.context, db: actingDb(world.context.db, actorOf(principal)) },
    principal,
    input: importLeads.input.parse(query),
    body: { stream, media_type },
  });
  return importLeads.output.parse(answer);
}

/** The refusal of an action; anything else fails the test. */
export async function refusal(running: Promise<unknown>): Promise<AppError> {
  try {
    await running;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

/** CSV of `count` people in `count / 5` companies, generated while it is read. */
export async function* manyLeads(count: number, title = 'Head of Tests'): AsyncGenerator<Buffer> {
  yield Buffer.from('Email,First name,Title,Company,Website,Tier,Time zone,Notes\n');
  for (let from = 0; from < count; from += 500) {
    const lines = Array.from({ length: Math.min(500, count - from) }, (_, at) => {
      const n = from + at;
      const company = Math.floor(n / 5);
      return `p${n}@company${company}.example,Pat ${n},"${title}, EMEA",Company ${company},https://www.company${company}.example/,Tier ${(n % 3) + 1},Europe/Berlin,x\n`;
    });
    yield Buffer.from(lines.join(''));
  }
}

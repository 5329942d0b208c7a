import { readdir } from 'node:fs/promises';
import type { Statement } from '../../src/db/statement.ts';

const QUERIES = new URL('../../src/db/queries/', import.meta.url);

/** Every statement whose plan connections keep, for every noun. */
export async function keptStatements(): Promise<Statement<never, unknown>[]> {
  const files = (await readdir(QUERIES)).filter((file) => file.endsWith('.gen.ts'));
  const modules = await Promise.all(files.map((file) => import(new URL(file, QUERIES).href)));
  const statements = modules.flatMap((found) => Object.values<Statement<never, unknown>>(found));
  return statements.filter(({ prepared }) => prepared);
}

import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readCatalog } from '../../tools/catalog.ts';
import {
  declarationsOf,
  emitSpecification,
  type SpecificationFiles,
} from '../../tools/emit_specification.ts';
import { testDatabase } from '../database.ts';

/* docs/specification/: what its rows declare is in the schema, and a row cannot name what does not exist. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const { db } = await testDatabase();
const catalog = await readCatalog(db);
const sources = globSync('docs/specification/*.yaml', { cwd: ROOT })
  .sort()
  .map((file) => readFileSync(`${ROOT}${file}`, 'utf8'));

test.each(declarationsOf(sources, catalog))(
  '$name is declared as the specification names it',
  ({ sql, declared }) => {
    expect(declared).toBe(sql);
  },
);

describe('a row', () => {
  const files: SpecificationFiles = {
    catalog,
    policy: { touch_cap: { max: 3 } },
    read: (path) => {
      if (path === 'test/there.test.ts')
        return "describe('the cap', () => { test.each([1])('of %i', async () => {";
      return path === 'test/database/specification.test.ts'
        ? readFileSync(`${ROOT}${path}`, 'utf8')
        : undefined;
    },
  };
  const emit = (row: object) => {
    const sections = { Caps: [{ row: 'A cap holds.', ...row }] };
    return emitSpecification(
      [JSON.stringify({ specification: 'Caps', about: 'All caps.', sections })],
      files,
    );
  };
  const tests = { 'test/there.test.ts': 'the cap › of %i' };

  test('is kept by a test, differs for a reason, or is open', () => {
    expect(emit({ tests })).toContain('| A cap holds. |  | kept | `test/there.test.ts`: the cap › of %i |');
    expect(emit({ differs: 'It counts | hours.' })).toContain('| **differs** | It counts \\| hours. |');
    expect(emit({ open: 'Not yet.' })).toContain('1 requirements');
    expect(() => emit({})).toThrow('has no test');
    expect(() => emit({ open: 'Not yet.', tests })).toThrow('is open, but has tests');
    expect(() => emit({ open: 'Not yet.', differs: 'Never.' })).toThrow('differs and is open');
  });

  test.each([
    [{ 'test/gone.test.ts': 'of %i' }, 'names test/gone.test.ts, which does not exist'],
    [{ 'test/there.test.ts': 'of' }, 'names a test that test/there.test.ts does not have: of'],
    [{ 'test/there.test.ts': 'of %i › the cap' }, 'does not have: of %i › the cap'],
  ])('names a test that exists: %o', (named, fault) => {
    expect(() => emit({ tests: named })).toThrow(fault);
  });

  test('names tables, columns, labels, files, and numbers that exist', () => {
    const ours = [
      'campaigns',
      'campaigns.slug',
      'goal.pipeline',
      'campaigns_slug_uniq',
      'test/there.test.ts',
    ];
    expect(emit({ tests, ours, policy: { 'touch_cap.max': 3 } })).toContain(
      '`campaigns.slug`, `goal.pipeline`',
    );
    for (const name of ['campaigns.slog', 'goal.fame', 'test/gone.ts']) {
      expect(() => emit({ tests, ours: [name] })).toThrow(`names ${name}, which does not exist`);
    }
    expect(() => emit({ tests, policy: { 'touch_cap.max': 4 } })).toThrow('to be 4, and it is 3');
  });

  test('declares what the schema has', () => {
    const row = { ours: ['campaigns.slug'], sql: 'text not null' };
    expect(emit(row)).toContain('| `campaigns.slug`: `text not null` | kept |');
    expect(() => emit({ ...row, sql: 'text' })).toThrow('campaigns.slug is declared as text not null');
    const unique = { ours: ['campaigns_slug_uniq'], sql: 'UNIQUE (org_id, slug)' };
    expect(emit(unique)).toContain('UNIQUE (org_id, slug)');
  });
});

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/* NOTICE names all third-party code that ships and asks to be named. */

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8');
const notice = read('NOTICE');

type Package = { license?: string; dev?: boolean; link?: boolean; dependencies?: Record<string, string> };
const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, Package> };

const names = (name: string) => new RegExp(`(^|[\\s(,])${RegExp.escape(name)}([\\s),]|$)`, 'm').test(notice);

/** All packages that the pages' bundle can contain. */
function bundled(): string[] {
  const found = new Set<string>();
  const add = (of: Package | undefined) => {
    for (const name of Object.keys(of?.dependencies ?? {})) {
      if (found.has(name)) continue;
      found.add(name);
      add(packages[`node_modules/${name}`]);
    }
  };
  add(packages.web);
  return [...found];
}

const squeezed = (text: string) => text.replace(/\s+/g, ' ').trim();

test('NOTICE names every package in the web pages, all under a license that it prints', () => {
  const inside = bundled();
  expect(inside).toContain('react-dom');
  expect(inside.filter((name) => !names(name))).toEqual([]);
  const others = inside.filter((name) => packages[`node_modules/${name}`]?.license !== 'MIT');
  for (const name of others) {
    const copyright_on = read(`node_modules/${name}/LICENSE`).replace(/^[\s\S]*?(?=^Copyright)/m, '');
    expect(squeezed(notice), name).toContain(squeezed(copyright_on));
  }
});

test('NOTICE names every installed package with a data license or one that asks for more than its own text', () => {
  const demanding = /CC-BY|ODbL|OFL|MPL|GPL|EPL|CDDL/;
  const installed = Object.entries(packages).flatMap(
    ([path, { license = 'none', dev = false, link = false }]) => {
      const name = path.replace(/^.*node_modules\//, '');
      // Where a license may be chosen, the permissive one applies.
      return dev || link || !path.includes('node_modules/') || / OR /.test(license)
        ? []
        : [{ name, license }];
    },
  );
  const named = installed.filter(({ license }) => demanding.test(license)).map(({ name }) => name);
  expect(named).toContain('date-holidays');
  expect(named.filter((name) => !names(name))).toEqual([]);
  expect(installed.filter(({ license }) => license === 'none')).toEqual([]);
});

test('NOTICE describes the holidays as their package does', () => {
  const theirs = read('node_modules/date-holidays/LICENSE');
  expect(theirs).toContain('available under CC BY-SA 3.0');
  expect(notice).toContain('CC BY-SA 3.0');
});

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { GATES } from '../src/core/gate/gates.ts';
import { CHANNEL_VALUES } from '../src/schema.gen.ts';
import { isGenerated } from '../tools/mark.ts';

/* House rules that no other tool checks. Each lists its offenders as `file:line`, so a failure shows where to go. */

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LINES_LIMIT = 300;
/** All pictures of the pages took eleven megabytes, which every clone keeps forever: `npm run pictures` makes them. */
const PICTURE_LIMIT_BYTES = 250_000;

type SourceFile = { path: string; text: string; lines: string[] };

const files = readFiles();
const code = files.filter(({ path }) => /\.(ts|tsx|mjs|cjs)$/.test(path) && !isGenerated(path));
const hand_written = files.filter(({ path }) => !isGenerated(path) && path !== 'package-lock.json');
/** This file has to name what it forbids. */
const elsewhere = hand_written.filter(({ path }) => path !== 'test/tidy.test.ts');
const core = code.filter(({ path }) => path.startsWith('src/core/') && !isTest(path));
const product = code.filter(({ path }) => path.startsWith('src/') && !isTest(path));

test('there are files to check', () => {
  expect(core.length).toBeGreaterThan(5);
  expect(product.length).toBeGreaterThan(20);
});

test(`code files have at most ${LINES_LIMIT} lines`, () => {
  const sized = code.concat(files.filter(({ path }) => /^db\/(routines|queries)\/|\.css$/.test(path)));
  const long = sized.filter(({ lines }) => lines.length > LINES_LIMIT);
  expect(long.map(({ path, lines }) => `${path}: ${lines.length}`)).toEqual([]);
});

test('the core does no I/O', () => {
  const impure = /\bDate\.now\b|\bnew Date\(|\bMath\.random\b|\bfetch\(|\bprocess\.|\bperformance\./;
  expect(linesWith(core, impure)).toEqual([]);
});

test('a style class belongs to one file', () => {
  // Styles of visited pages stay loaded: a class that two pages share would look different depending on the path between
  // them.
  const selectors = files
    .filter(({ path }) => /^web\/.*\.css$/.test(path))
    .flatMap(({ path, text }) => selectorsOf(text).map((selector) => ({ path, selector })))
    .map((rule) => ({
      ...rule,
      classes: [...new Set(rule.selector.replace(/:not\([^)]*\)/, '').match(/\.[a-z_][\w-]*/g))],
    }));
  const pathsOf = (name: string, is_alone: boolean) =>
    new Set(
      selectors
        .filter(({ classes }) => classes.includes(name) && (!is_alone || classes.length === 1))
        .map(({ path }) => path),
    );
  const isOwn = (name: string, path: string) =>
    [false, true].some((is_alone) => {
      const paths = pathsOf(name, is_alone);
      return paths.size === 1 && paths.has(path);
    });
  expect(selectors.length).toBeGreaterThan(300);
  const foreign = selectors.filter(
    ({ path, classes }) => classes.length > 0 && !classes.some((name) => isOwn(name, path)),
  );
  expect(foreign.map(({ path, selector }) => `${path}: ${selector}`)).toEqual([]);
});

function selectorsOf(css: string): string[] {
  const rules = css.replaceAll(/\/\*.*?\*\//gs, '').matchAll(/(?<=^|[{};])([^{};@]+)\{/g);
  return [...rules].flatMap(([, list = '']) => list.split(/,(?![^(]*\))/).map((selector) => selector.trim()));
}

test('only the configuration reads the environment', () => {
  const others = product.filter(({ path }) => path !== 'src/config.ts');
  expect(linesWith(others, /\bprocess\.env\b/)).toEqual([]);
});

test('time comes from the clock', () => {
  const others = product.filter(({ path }) => path !== 'src/clock.ts');
  expect(linesWith(others, /\bDate\.now\(|\bnew Date\(\)/)).toEqual([]);
});

test('code uses the table of channels instead of comparing names', () => {
  const asking = hand_written.filter(
    ({ path }) => /^(src|web\/src|db\/(routines|queries))\//.test(path) && !isTest(path),
  );
  const names = CHANNEL_VALUES.join('|');
  const comparison = new RegExp(`(channel|CHANNEL)\\w*\\)?(::\\w+)? *(={1,3}|!==?|<>|IN \\() *'(${names})'`);
  expect(linesWith(asking, comparison)).toEqual([]);
});

test('the documents name every channel', () => {
  for (const path of ['CHANGELOG.md', 'campaigns/README.md']) {
    const { text } = files.find((file) => file.path === path)!;
    const named = text
      .match(/`[a-z_ |]+`/g)!
      .join(' ')
      .split(/[^a-z_]+/);
    expect(
      CHANNEL_VALUES.filter((channel) => !named.includes(channel)),
      path,
    ).toEqual([]);
  }
});

test('the documents name every gate, in order', () => {
  const textOf = (path: string) => files.find((file) => file.path === path)!.text;
  const labels = GATES.map(({ label }) => label).join(', ');
  const names = GATES.map(({ name }) => `\`${name}\``).join(', ');
  expect(textOf('docs/gate.md')).toContain(`in this order: ${labels}.`);
  expect(textOf('ARCHITECTURE.md')).toContain(`|gates: ${labels}|\`cadence_event_log\`|${names}|`);
});

test('a refusal message is a sentence', () => {
  // Messages that begin with a name or another's sentence cannot be checked here.
  const detail = /new AppError\(\s*(?:'\w+'|[^,'`]+|`[^`]*`),\s*['`]([^$])/g;
  const small = product.flatMap(({ path, text }) =>
    [...text.matchAll(detail)]
      .filter(([, first = '']) => !/[A-Z“]/.test(first))
      .map(({ index }) => `${path}:${text.slice(0, index).split('\n').length}`),
  );
  expect(small).toEqual([]);
  expect(product.filter(({ text }) => text.includes('new AppError(')).length).toBeGreaterThan(50);
});

test('the product runs every named statement', () => {
  const named = files
    .filter(({ path }) => /^src\/db\/queries\/.*\.gen\.ts$/.test(path))
    .flatMap(({ text }) =>
      [...text.matchAll(/^export const (\w+) = statement</gm)].map(([, name = '']) => name),
    );
  const used = new Set(product.flatMap(({ text }) => text.match(/\w+/g) ?? []));
  expect(named.length).toBeGreaterThan(300);
  expect(named.filter((name) => !used.has(name))).toEqual([]);
});

test('no test is focused or skipped', () => {
  const tests = code.filter(({ path }) => isTest(path) || path.startsWith('test/'));
  expect(tests.length).toBeGreaterThan(5);
  expect(linesWith(tests, /\b(test|it|describe)\.(only|skip|todo|skipIf|runIf|fails)\b/)).toEqual([]);
});

test('a picture in the tree is shown by a document, and is small', () => {
  const documents = files.filter(({ path }) => path.endsWith('.md')).map(({ text }) => text);
  const pictures = listFiles().filter(
    (path) => /\.(png|jpe?g|gif|webp)$/.test(path) && existsSync(ROOT + path),
  );
  const unfit = pictures.filter(
    (path) =>
      statSync(ROOT + path).size > PICTURE_LIMIT_BYTES ||
      !documents.some((text) => text.includes(`${basename(path)})`)),
  );
  expect(unfit).toEqual([]);
});

test('no comment contains a to-do', () => {
  expect(linesWith(elsewhere, /\b(TODO|FIXME|XXX|HACK)\b/)).toEqual([]);
});

test('no file is a collection of odds and ends', () => {
  const drawers = files.filter(({ path }) =>
    /^(utils?|helpers?|misc|common|index)\.(ts|tsx)$/.test(basename(path)),
  );
  expect(drawers.map(({ path }) => path)).toEqual([]);
});

test('code files are named in snake_case', () => {
  const named = code.filter(({ path }) => /^(src|test|tools|bench|db|samples)\//.test(path));
  const misnamed = named.filter(({ path }) => !/^[a-z0-9_]+(\.[a-z0-9_]+)*\.[a-z]+$/.test(basename(path)));
  expect(misnamed.map(({ path }) => path)).toEqual([]);
});

test('generated files carry the mark, and only they', () => {
  const mark = /^(\/\/|--|<!--) GENERATED by npm run generate; do not edit( -->)?\n/;
  const unmarked = files.filter(
    ({ path, text }) => isGenerated(path) && path !== 'openapi.json' && !mark.test(text),
  );
  const mismarked = hand_written.filter(({ text }) => mark.test(text));
  expect([...unmarked, ...mismarked].map(({ path }) => path)).toEqual([]);
});

test('no file names the machine it was written on', () => {
  expect(linesWith(elsewhere, /\/(home|Users)\/\w|\/work\/|\/root\/|C:\\/)).toEqual([]);
});

test('the lockfile downloads only over HTTPS', () => {
  const lockfile = readFileSync(`${ROOT}package-lock.json`, 'utf8');
  const { packages } = JSON.parse(lockfile) as { packages: Record<string, { resolved?: string }> };
  const sources = Object.values(packages).flatMap(({ resolved }) =>
    resolved === undefined ? [] : [resolved],
  );
  expect(Object.keys(packages).length).toBeGreaterThan(100);
  expect(sources.filter((source) => /^(http:|git|ssh)/.test(source))).toEqual([]);
});

test('every dependency is pinned to one version', () => {
  const manifests = files.filter(({ path }) => basename(path) === 'package.json');
  const loose = manifests.flatMap(({ path, text }) => {
    const { dependencies = {}, devDependencies = {} } = JSON.parse(text) as Record<
      string,
      Record<string, string>
    >;
    const all = Object.entries({ ...dependencies, ...devDependencies });
    // A package under an alias, npm:NAME@VERSION, is pinned by the part after its own name.
    const pinned = /^(npm:(@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+/;
    return all.filter(([, version]) => !pinned.test(version)).map(([name]) => `${path}: ${name}`);
  });
  expect(loose).toEqual([]);
});

/** Files that git tracks or would track: everything outside .gitignore. */
/** Every file of the tree that is not ignored. */
function listFiles(): string[] {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const listed = execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 26 });
  return [...new Set(listed.split('\0'))];
}

function readFiles(): SourceFile[] {
  const binary = /\.(png|jpg|ico|woff2?|gz|zip|pdf|eml)$/;
  return listFiles()
    .filter((path) => path !== '' && !binary.test(path))
    .flatMap((path) => {
      const text = readIfPresent(path);
      return text === undefined ? [] : [{ path, text, lines: text.trimEnd().split('\n') }];
    });
}

/** A file that was deleted but not yet committed is still listed. */
function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(`${ROOT}${path}`, 'utf8');
  } catch {
    return undefined;
  }
}

function isTest(path: string): boolean {
  return /\.test\.tsx?$/.test(path);
}

function linesWith(sources: readonly SourceFile[], pattern: RegExp): string[] {
  return sources.flatMap(({ path, lines }) =>
    lines.flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
  );
}

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/* Documents stay short and refer only to files and sections that exist. */

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const ARCHITECTURE_LIMIT_BYTES = 10 * 1024;
const README_LIMIT_LINES = 80;

type Document = { file: string; text: string };

const documents = listed().map((file): Document => ({ file, text: readFileSync(join(ROOT, file), 'utf8') }));
const textOf = (file: string) => documents.find((document) => document.file === file)?.text ?? '';

test('ARCHITECTURE fits one map, and README fits one screen', () => {
  expect(Buffer.byteLength(textOf('ARCHITECTURE.md'))).toBeLessThanOrEqual(ARCHITECTURE_LIMIT_BYTES);
  expect(textOf('README.md').split('\n').length).toBeLessThanOrEqual(README_LIMIT_LINES);
});

test('links point to files and headings that exist', () => {
  const broken = documents.flatMap(({ file, text }) =>
    linksOf(text)
      .filter((link) => !leadsSomewhere(file, link))
      .map((link) => `${file}: ${link}`),
  );
  expect(documents.flatMap(({ text }) => linksOf(text)).length).toBeGreaterThan(50);
  expect(broken).toEqual([]);
});

test('paths in documents exist', () => {
  // The changelog names former files, and a recipe names files to add.
  const paths = documents
    .filter(({ file }) => file !== 'CHANGELOG.md')
    .flatMap(({ file, text }) => pathsOf(text).map((path) => ({ file, path })));
  expect(paths.length).toBeGreaterThan(100);
  const missing = paths.filter(({ path }) => !existsSync(join(ROOT, path)));
  expect(missing.map(({ file, path }) => `${file}: ${path}`)).toEqual([]);
});

test('README or another document links to every document', () => {
  const linked = new Set(
    documents.flatMap(({ file, text }) => linksOf(text).map((link) => targetOf(file, link))),
  );
  const lonely = documents
    .map(({ file }) => file)
    .filter((file) => file.startsWith('docs/') && !linked.has(file) && !linked.has(dirname(file)));
  expect(lonely).toEqual([]);
});

test('docs/install.md lists every setting', () => {
  const source = readFileSync(join(ROOT, 'src/config.ts'), 'utf8');
  const names = new Set([...source.matchAll(/\benv\.([A-Z_]+)\b/g)].map(([, name = '']) => name));
  const install = textOf('docs/install.md');
  expect(names.size).toBeGreaterThan(20);
  expect([...names].filter((name) => !install.includes(`\`${name}\``))).toEqual([]);
});

function listed(): string[] {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', '*.md'];
  const names = execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).split('\0');
  return [...new Set(names)].filter((name) => name !== '' && existsSync(join(ROOT, name)));
}

function linksOf(text: string): string[] {
  const prose = text.replaceAll(/```[\s\S]*?```/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^\w+:/.test(link));
}

function targetOf(file: string, link: string): string {
  const [path = ''] = link.split('#');
  return path === '' ? file : normalize(join(dirname(file), path)).replace(/\/$/, '');
}

function leadsSomewhere(file: string, link: string): boolean {
  const target = targetOf(file, link);
  const [, anchor] = link.split('#');
  return existsSync(join(ROOT, target)) && (anchor === undefined || anchorsOf(textOf(target)).has(anchor));
}

/** The anchors that GitHub generates for headings. */
function anchorsOf(text: string): Set<string> {
  return new Set(
    [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\- _]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** Paths in code marks; a word in capitals stands for the reader's own name. */
function pathsOf(text: string): string[] {
  return [...text.matchAll(/`([\w./-]+)`/g)]
    .map(([, path = '']) => path)
    .filter((path) => /^(src|test|db|web|tools|bench|bin|docs|policy|campaigns|samples)\//.test(path))
    .filter((path) => !/[A-Z]{4}|00NN/.test(path));
}

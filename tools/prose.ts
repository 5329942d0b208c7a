import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isGenerated } from './mark.ts';

/* Counts the lines that match phrases which STYLE.md rules out. test/prose_counts.txt holds the counts of the last commit,
   one line per pattern and area. test/prose.test.ts fails when a count rises; `npm run tidy:count` writes lower ones. */

const ROOT = fileURLToPath(new URL('..', import.meta.url));
export const COUNTS_FILE = 'test/prose_counts.txt';

type Pattern = { name: string; pattern: RegExp; rather: string };

export const PATTERNS: readonly Pattern[] = [
  {
    name: 'free_opening',
    pattern: /(\/\/|\*|--|['"`>.:;] ) *(What|Who|Whom|Whose|Of|Whoever|Whatever) (?!.*\?)/,
    rather: 'open with the subject: "Unclaimed tasks raise a warning."',
  },
  { name: 'whoever', pattern: /\b(who|what|whom)ever\b|\bwhom\b/i, rather: 'name the person or the thing' },
  {
    name: 'told',
    pattern: /\b(is|are|was|be|been) told\b|\btells? of\b/i,
    rather: 'report, notify, show',
  },
  { name: 'by_itself', pattern: /\bby (itself|themselves)\b/i, rather: 'automatically' },
  {
    name: 'waits_for_you',
    pattern: /\bwait(s|ed)? for (you|a person)\b|\bwhat waits\b/i,
    rather: 'pending',
  },
  { name: 'let_in', pattern: /\blets? (\w+ ){0,3}(in|into|go on)\b/i, rather: 'enroll, resume' },
  { name: 'no_more', pattern: /\bno more\b|\bany more\b/i, rather: 'no longer' },
  { name: 'comes_from', pattern: /\bcom(es?|ing) (from|of|in|back)\b|\bof it\b/i, rather: 'name it' },
  { name: 'nobody', pattern: /\b(nobody|somebody)\b/i, rather: 'no leads, another user' },
  {
    name: 'anew',
    pattern: /\banew\b|\bmeanwhile\b|\bshall\b|\bgoes? on\b/i,
    rather: 'again, in the meantime, must, continue',
  },
  { name: 'stands', pattern: /\bstands? (there|here|in|beside)\b/i, rather: 'is' },
  { name: 'says_yes', pattern: /\b(says?|said) (yes|no)\b|\bis called\b/i, rather: 'passed, is named' },
  {
    name: 'some_hours',
    pattern: /\bsome (seconds|hours|days)\b|\bSuch as\b/,
    rather: 'a number; for example',
  },
  {
    name: 'british',
    pattern: /colour|\bcancelled\b|\bcancelling\b|\be-mail|\d %/i,
    rather: 'color, canceled, email, 5%',
  },
];

/** Every directory of hand-written text. Migrations are checksummed, so their comments stay as they are. */
const AREAS: Readonly<Record<string, RegExp>> = {
  src: /^src\//,
  web: /^web\//,
  test: /^test\//,
  db: /^db\/(routines|queries)\//,
  tools: /^(tools|bench|bin)\//,
  data: /^(campaigns|policy|samples)\//,
  documents: /\.md$/,
};

/** Files that must name the patterns. */
const NAMES_PATTERNS = new Set(['tools/prose.ts', COUNTS_FILE, 'STYLE.md']);
const NOT_TEXT = /\.(png|jpg|ico|woff2?|gz|zip|pdf|eml|svg)$/;
/** Answers in the words of the people who write them. */
const ANSWERS = /^test\/inbound\/(labeled|reports)\/[a-z_]+\.txt$/;

type Match = { path: string; line: number; text: string };
/** `PATTERN AREA` -> the matching lines. Every pair of pattern and area has an entry. */
export type Matches = Map<string, Match[]>;

export function matchProse(): Matches {
  const matches: Matches = new Map();
  for (const { name } of PATTERNS) for (const area of Object.keys(AREAS)) matches.set(`${name} ${area}`, []);
  for (const path of handWritten()) {
    const area = areaOf(path);
    readFileSync(`${ROOT}${path}`, 'utf8')
      .split('\n')
      .forEach((text, index) => {
        for (const { name, pattern } of PATTERNS) {
          if (!pattern.test(text)) continue;
          matches.get(`${name} ${area}`)?.push({ path, line: index + 1, text: text.trim() });
        }
      });
  }
  return matches;
}

/** A merge may leave two lines for a pair; the lower count applies, since both sides only removed lines. */
export function readCounts(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of readFileSync(`${ROOT}${COUNTS_FILE}`, 'utf8').split('\n')) {
    const [, key, count] = /^(\w+ \w+) (\d+)$/.exec(line) ?? [];
    if (key !== undefined) counts.set(key, Math.min(Number(count), counts.get(key) ?? Number(count)));
  }
  return counts;
}

/** Lines of a pair that are new since the counts before the last ones. Without a history: all of them. */
export function newLines(found: readonly Match[]): Match[] {
  const commits = git('log', '-2', '--format=%H', '--', COUNTS_FILE).trim().split('\n');
  const base = commits.at(-1) ?? '';
  if (base === '') return [...found];
  const before = new Map(
    [...new Set(found.map(({ path }) => path))].map((path) => [path, linesAt(base, path)]),
  );
  return found.filter(({ path, text }) => before.get(path)?.has(text) !== true);
}

function linesAt(commit: string, path: string): Set<string> {
  return new Set(
    git('show', `${commit}:${path}`)
      .split('\n')
      .map((line) => line.trim()),
  );
}

/** Files that git tracks or would track, without generated and binary ones. */
function handWritten(): string[] {
  return [
    ...new Set(
      git('ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate').split('\0'),
    ),
  ]
    .filter((path) => path !== '' && !NOT_TEXT.test(path) && !ANSWERS.test(path) && !NAMES_PATTERNS.has(path))
    .filter((path) => !isGenerated(path) && areaOf(path) !== undefined && isThere(path));
}

function areaOf(path: string): string | undefined {
  return Object.entries(AREAS).find(([, paths]) => paths.test(path))?.[0];
}

/** A file that was deleted but not yet committed is still listed. */
function isThere(path: string): boolean {
  try {
    return readFileSync(`${ROOT}${path}`).length > 0;
  } catch {
    return false;
  }
}

/** Git's output, or '' if it fails: a tarball has no history. */
function git(...args: string[]): string {
  try {
    const stdio: ['ignore', 'pipe', 'ignore'] = ['ignore', 'pipe', 'ignore'];
    return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 26, stdio });
  } catch {
    return '';
  }
}

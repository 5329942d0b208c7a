import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './process.ts';

/** A block that a reader types: each line is a command or a statement, without its comment. */
export type Block = { file: string; language: string; text: string; lines: readonly string[] };

const FENCE = /^( *)```(sh|bash|shell|console|sql)\n([\s\S]*?)^ *```$/gm;

type Document = { file: string; text: string };

/** Every block of commands in the documents, in order. */
export function documentBlocks(): Block[] {
  return documents().flatMap(({ file, text }) => blocksOf(file, text));
}

/** Every command within a sentence, once each: the words after `touchline`. */
export function commandsInSentences(): string[] {
  const commands = documents().flatMap(({ text }) =>
    [...text.replaceAll(/```[\s\S]*?```/g, '').matchAll(/`(?:npx )?touchline\s+([^`]+)`/g)].map(
      ([, command = '']) => command.replaceAll(/\s+/g, ' '),
    ),
  );
  return [...new Set(commands)];
}

/** Excludes the changelog, which describes former commands. */
function documents(): Document[] {
  const asked = ['ls-files', '-z', '--', '*.md', ':!CHANGELOG.md'];
  const listed = execFileSync('git', asked, { cwd: ROOT, encoding: 'utf8' }).split('\0');
  return listed
    .filter((file) => file !== '')
    .map((file) => ({ file, text: readFileSync(join(ROOT, file), 'utf8') }));
}

function blocksOf(file: string, document: string): Block[] {
  return [...document.matchAll(FENCE)].map(([, indent = '', language = '', inside = '']) => {
    const text = inside.replaceAll(new RegExp(`^${indent}`, 'gm'), '');
    const lines = text
      .replaceAll(/ *\\\n */g, ' ')
      .split('\n')
      .map((line) => line.replace(/ +(#|--) .*$/, '').trim())
      .filter((line) => line !== '');
    return { file, language, text, lines };
  });
}

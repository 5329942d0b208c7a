import type { z } from 'zod';
import { EXIT_STATUS } from '../coordinator/exits.ts';

/** A fault by the place of its field, such as `['steps', 2, 'delay_days']`. */
export type Fault = { path: readonly PropertyKey[]; message: string };

/** What a definition’s shape lacks, in words for who wrote it. */
export function shapeFaults({ issues }: z.ZodError): Fault[] {
  return issues.flatMap((issue): Fault[] => {
    if (issue.code !== 'unrecognized_keys') return [{ path: issue.path, message: issueWords(issue) }];
    return issue.keys.map((key) => ({ path: [...issue.path, key], message: unknownKey(issue.path) }));
  });
}

export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((written, part) => {
    if (typeof part === 'number') return `${written}[${part}]`;
    return written === '' ? String(part) : `${written}.${String(part)}`;
  }, '');
}

function unknownKey(parent: readonly PropertyKey[]): string {
  const is_exit = parent.length === 1 && parent[0] === 'on_exit';
  if (!is_exit) return 'unknown key';
  return (
    `unknown key: the keys are ${Object.keys(EXIT_STATUS).join(', ')}; ` +
    'a value is a campaign’s slug, null, or { gate: exec, suggest: <slug or null> }'
  );
}

/** The validator's own wording is for programmers. A message of ours comes through as it is. */
function issueWords(issue: z.core.$ZodIssue): string {
  const is_own = !/^(Invalid|Too (small|big)|Unrecognized)/.test(issue.message);
  if (is_own) return issue.message;
  if (issue.message.endsWith('received undefined')) return 'is required';
  switch (issue.code) {
    case 'too_small':
      return `must be ${sizeWords(issue.origin, issue.minimum, 'or more')}`;
    case 'too_big':
      return `must be ${sizeWords(issue.origin, issue.maximum, 'or fewer')}`;
    case 'invalid_value':
      return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}`;
    case 'invalid_type':
      return `must be ${TYPE_WORDS[issue.expected] ?? issue.expected}`;
    default:
      return issue.message.replace(/^Invalid (input|option): /, '');
  }
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  object: 'a set of keys and values',
};

function sizeWords(origin: string, limit: number | bigint, than: 'or more' | 'or fewer'): string {
  if (origin === 'string') return `${limit} ${than} characters long`;
  if (origin === 'array') return `a list of ${limit} ${than}`;
  return `${limit} ${than === 'or fewer' ? 'or less' : than}`;
}

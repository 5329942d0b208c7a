import type { z } from 'zod';
import { EXIT_STATUS } from '../../coordinator/cadence/exits.ts';
import { issueWords } from '../../issue_words.ts';

/** The path looks like `['steps', 2, 'delay_days']`. */
export type Fault = { path: readonly PropertyKey[]; message: string };

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

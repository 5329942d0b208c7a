import type { z } from 'zod';

/**
 * Describes a schema fault for the author of the input, because the validator's wording is for programmers. Our own
 * messages pass unchanged. The only place that translates the validator's words.
 */
export function issueWords(issue: z.core.$ZodIssue): string {
  if (!/^(Invalid|Too (small|big)|Unrecognized)/.test(issue.message)) return issue.message;
  if (issue.message.endsWith('received undefined')) return 'is required';
  switch (issue.code) {
    case 'too_small':
      return smallWords(issue.origin, issue.minimum, issue.inclusive !== false);
    case 'too_big':
      return `must be ${sizeWords(issue.origin, issue.maximum, issue.inclusive === false ? 'fewer' : 'or fewer')}`;
    case 'invalid_value':
      return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}`;
    case 'invalid_type':
      return `must be ${TYPE_WORDS[issue.expected] ?? issue.expected}`;
    case 'invalid_format':
      return FORMAT_WORDS[issue.format] ?? 'does not have the expected format';
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
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
  record: 'a set of keys and values',
  date: 'a time',
};

const FORMAT_WORDS: Readonly<Record<string, string>> = {
  uuid: 'must be an id',
  email: 'must be an email address such as ada@lovelace.example',
  url: 'must be a URL',
  datetime: 'must be a time with its zone, such as 2027-01-31T09:00:00Z',
  date: 'must be a day such as 2027-01-31',
  time: 'must be a time such as 09:00',
};

function smallWords(origin: string, limit: number | bigint, inclusive: boolean): string {
  if (origin === 'string' && Number(limit) === 1) return 'must not be empty';
  return `must be ${sizeWords(origin, limit, inclusive ? 'or more' : 'more')}`;
}

type Than = 'or more' | 'or fewer' | 'more' | 'fewer';

function sizeWords(origin: string, limit: number | bigint, than: Than): string {
  if (than === 'more' || than === 'fewer') return `${than === 'more' ? 'more' : 'less'} than ${limit}`;
  if (origin === 'string') return `${limit} ${than} characters long`;
  if (origin === 'array') return `a list of ${limit} ${than}`;
  return `${limit} ${than === 'or fewer' ? 'or less' : than}`;
}

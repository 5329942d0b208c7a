import { expect, test } from 'vitest';
import { z } from 'zod';
import { issueWords } from './issue_words.ts';

const wordsOf = (schema: z.ZodType, value: unknown) =>
  schema.safeParse(value).error?.issues.map((issue) => issueWords(issue));

test.each([
  [z.string(), undefined, 'is required'],
  [z.enum(['a', 'b']), undefined, 'must be one of a, b'],
  [z.string(), 7, 'must be a text'],
  [z.number(), 'x', 'must be a number'],
  [z.int(), 1.5, 'must be a whole number'],
  [z.boolean(), 'yes', 'must be true or false'],
  [z.array(z.string()), 'x', 'must be a list'],
  [z.object({}), 'x', 'must be a set of keys and values'],
  [z.string().min(1), '', 'must not be empty'],
  [z.string().min(12), 'x', 'must be 12 or more characters long'],
  [z.string().max(2), 'xxx', 'must be 2 or fewer characters long'],
  [z.array(z.string()).min(1), [], 'must be a list of 1 or more'],
  [z.number().max(200), 201, 'must be 200 or less'],
  [z.number().gt(0), 0, 'must be more than 0'],
  [z.enum(['red', 'blue']), 'green', 'must be one of red, blue'],
  [z.uuid(), 'x', 'must be an id'],
  [z.email(), 'x', 'must be an email address such as ada@lovelace.example'],
  [z.iso.datetime({ offset: true }), 'x', 'must be a time with its zone, such as 2027-01-31T09:00:00Z'],
  [z.string().regex(/^a$/), 'x', 'does not have the expected format'],
  [z.string('say your name'), 7, 'say your name'],
])('%# in plain words: %o', (schema, value, words) => {
  expect(wordsOf(schema, value)).toEqual([words]);
});

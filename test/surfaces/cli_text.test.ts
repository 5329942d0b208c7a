import { expect, test } from 'vitest';
import { z } from 'zod';
import { answerText, printableText } from '../../src/surfaces/cli_text.ts';

const ID = '01890000-0000-7000-8000-000000000001';
const row = z.object({
  id: z.string(),
  lead_id: z.string(),
  name: z.string(),
  raw: z.string(),
  lost_at: z.null(),
});
const page = z.object({ items: z.array(row), next_cursor: z.string().nullable() });
const item = (name: string) => ({ id: ID, lead_id: ID, name, raw: 'x'.repeat(500), lost_at: null });

test('a table leaves out ids of other things, long sources and empty columns', () => {
  const text = answerText({ items: [item('a'), item('bcd')], next_cursor: null }, page, 0);
  expect(text).toBe(`id${' '.repeat(36)}name\n${ID}  a\n${ID}  bcd`);
});

test('a table fits the terminal', () => {
  const text = answerText({ items: [item('n'.repeat(60))], next_cursor: null }, page, 80);
  expect(text.split('\n')[1]).toBe(`${ID}  ${'n'.repeat(39)}…`);
  const narrow = answerText({ items: [item('n')], next_cursor: null }, page, 30);
  expect(narrow).toBe(`id\n${ID}`);
});

test('an empty list and an empty answer say so', () => {
  expect(answerText({ items: [], next_cursor: null }, page, 0)).toBe('Nothing.');
  expect(answerText({}, z.object({}), 0)).toBe('Done.');
  expect(answerText(undefined, z.undefined(), 0)).toBe('Done.');
});

test('one thing is listed with what it holds', () => {
  const body = {
    name: 'x',
    roles: ['rep', 'exec'],
    none: [],
    steps: [{ number: 1, text: 'two\nlines' }],
    cap: { days: 7, open: true },
    note: 'first\nsecond',
  };
  expect(answerText(body, z.object({}), 0)).toBe(
    [
      'name:  x',
      'roles: rep, exec',
      'none:  -',
      'steps:',
      '  number  text',
      '  1       two lines',
      'cap:',
      '  days: 7',
      '  open: yes',
      'note:',
      '  first',
      '  second',
    ].join('\n'),
  );
});

test('what could steer a terminal is taken out', () => {
  expect(printableText('a\u001b[31mb\r\u0007\u009bc\u202ed\ne\tf')).toBe('a[31mbcd\ne\tf');
});

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { replyIntent } from './intent.ts';
import { optOutIn } from './opt_out.ts';
import { fold } from './words.ts';

test.each([
  ['Please unsubscribe me from all of your lists', 'asked'],
  ['unsubscirbe', 'asked'],
  ['Könnten Sie mich bitte aus dem Verteiler nehmen?', 'asked'],
  ['Thanks, but please take me off your list.', 'asked'],
  ['Take me off the waiting list and put me on the paid plan.', 'opposed'],
  ['Stop sending to my old address, use this one.', 'opposed'],
  ['Please remove me, but only until January.', 'opposed'],
  ['Do you remove me from the list when I leave?', 'opposed'],
  ['Please do not unsubscribe me', 'opposed'],
  ['"Take me off your list", said a friend', 'opposed'],
  ['We have removed you from our spam filter.', 'opposed'],
  ['We will remove you from our blocklist.', 'opposed'],
  ['I’ll remove you from my junk list.', 'opposed'],
  ['We’ll unsubscribe you from our newsletter as you asked.', 'opposed'],
  ['I will remove you from my list of suppliers.', 'opposed'],
  ['Would you like me to remove you from my list?', 'opposed'],
  ['Le elimino de mi lista de proveedores.', 'opposed'],
  ['La rimuovo dalla mia lista nera.', 'opposed'],
  ['I want you to remove me from your list', 'asked'],
  ['Our members unsubscribe us from their lists', 'opposed'],
  ['Please remove me from the committee that reviews the annual accounts of the club', 'perhaps'],
  ['We will remove the old chairs', null],
])('%s -> %s', (sentence, said) => {
  expect(optOutIn(fold(sentence, 600))).toBe(said);
});

test('texts that are built to be slow are read in bounded time', () => {
  const texts = [
    'remove '.repeat(500),
    'please remove me '.repeat(200),
    'do not want to '.repeat(250),
    'nicht mehr '.repeat(300),
    'unsubscibre '.repeat(250),
    '"'.repeat(3_000),
    'a,'.repeat(1_500),
    `${'remove a b c '.repeat(200)}?`,
  ];
  const started = performance.now();
  for (const text of texts) replyIntent(text);
  expect(performance.now() - started).toBeLessThan(2_000);
});

const lines = (name: string) =>
  readFileSync(new URL(`../../../test/inbound/labeled/${name}.txt`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replaceAll('⏎', '\n'));

test('plain requests take effect at once, and answers with similar words never do', () => {
  const missed = lines('more_opt_outs').filter((line) => {
    const { intent, certain } = replyIntent(line);
    return intent !== 'unsubscribe' || !certain;
  });
  expect(missed).toEqual([]);
  expect(lines('more_answers').filter((line) => replyIntent(line).intent === 'unsubscribe')).toEqual([]);
});

test('requests that are limited, reported, or taken back are left to a person', () => {
  const certain = lines('more_doubtful').filter((line) => {
    const read = replyIntent(line);
    return read.intent === 'unsubscribe' && read.certain;
  });
  expect(certain).toEqual([]);
});

import { expect, test } from 'vitest';
import { type ClassifiedInbound, classifyInbound } from '../../src/core/inbound/inbound.ts';
import { readMail } from '../../src/mail/read_mail.ts';
import { LABELS } from './corpus/labels.ts';
import { LATER_LABELS } from './corpus/later_labels.ts';
import { corpus } from './corpus/messages.ts';

/* Each message is read from its bytes and classified as the product does it, then compared with a person's label.
   Differences are listed with both. */

const RIGHT_AT_LEAST = 0.99;

type Label = { kind: string; rest: string };

const labels = new Map(
  `${LABELS.trim()}\n${LATER_LABELS.trim()}`
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .map(([name = '', kind = '', rest = '']) => [name, { kind, rest }] as const),
);

test('every message has a label and a unique name', () => {
  const names = corpus.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => !labels.has(name))).toEqual([]);
  expect([...labels.keys()].filter((name) => !names.includes(name))).toEqual([]);
  expect(names.length).toBeGreaterThanOrEqual(220);
});

test('at least 99 of 100 labeled messages are classified correctly', () => {
  const wrong = corpus.flatMap(({ name, source, own }) => {
    const mail = readMail(source);
    if ('fault' in mail) return [`${name}: refused as ${mail.fault}`];
    const difference = differs(classifyInbound(mail), labels.get(name)!, own);
    return difference === null ? [] : [`${name}: ${difference}`];
  });
  if (wrong.length > 0)
    process.stdout.write(`${wrong.length} of ${corpus.length} wrong:\n${wrong.join('\n')}\n`);
  expect(1 - wrong.length / corpus.length, wrong.join('\n')).toBeGreaterThanOrEqual(RIGHT_AT_LEAST);
});

/** The difference, or null. */
function differs(told: ClassifiedInbound, { kind, rest }: Label, own: string | undefined): string | null {
  const difference = told.kind === kind ? restDiffers(told, rest) : `${told.kind} for ${kind} ${rest}`;
  if (difference !== null) return difference;
  if (own === undefined || !('reply' in told) || told.reply === own) return null;
  return `own words ${JSON.stringify(told.reply)} for ${JSON.stringify(own)}`;
}

function restDiffers(told: ClassifiedInbound, rest: string): string | null {
  if (told.kind === 'reply') return intentDiffers(told, rest);
  const said = saidOf(told);
  return said === rest.split(' ').sort().join(' ') ? null : `${told.kind} ${said} for ${rest}`;
}

/** In the form of the label table. */
function saidOf(told: Exclude<ClassifiedInbound, { kind: 'reply' }>): string {
  switch (told.kind) {
    case 'bounce':
      return told.failed
        .map(({ address, severity }) => `${severity}:${address ?? 'nobody'}`)
        .sort()
        .join(' ');
    case 'delay':
      return listed(told.delayed);
    case 'complaint':
      return listed(told.complained);
    case 'out_of_office':
      return told.return_date ?? 'none';
    case 'other':
      return told.why;
    default:
      return '';
  }
}

function listed(addresses: readonly string[]): string {
  return addresses.length === 0 ? 'nobody' : addresses.toSorted().join(' ');
}

function intentDiffers(
  { intent, certain }: { intent: string; certain: boolean },
  rest: string,
): string | null {
  const said = `${intent}${certain ? '' : ', uncertain'}`;
  if (rest.startsWith('?')) {
    if (certain) return `${said} for uncertain ${rest.slice(1)}`;
    return rest === '?' || rest.slice(1) === intent ? null : `${said} for ${rest}`;
  }
  return certain && intent === rest ? null : `${said} for ${rest}`;
}

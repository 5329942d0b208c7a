import { expect, inject, test } from 'vitest';
import { classifyInbound } from '../../src/core/inbound/inbound.ts';
import { readMail } from '../../src/mail/read_mail.ts';
import { type Random, seededRandom } from '../faults/seeded_random.ts';
import { scale } from '../scale.ts';
import { corpus } from './corpus/messages.ts';

/* Messages of the corpus, damaged at random: no incoming message may throw or block the process. The time is processor time
   of this process, so that a busy machine does not fail the test. */

const ROUNDS = scale(2_000, 100_000);
const MAX_CPU_MS = 1_000;
const seed = inject('seed');

const CHARSETS = [
  'utf-8',
  'utf-16',
  'iso-8859-1',
  'windows-1251',
  'shift_jis',
  'x-none',
  '"',
  'iso-2022-jp',
  'big5',
  'utf-7',
];
const HEADERS = [
  'Subject',
  'References',
  'From',
  'To',
  'Content-Type',
  'Date',
  'X-Failed-Recipients',
  'In-Reply-To',
];
const PIECES = [
  '\r\n',
  '\n\n',
  '<',
  '>',
  '@',
  '=?',
  '?=',
  '"',
  '(',
  '--',
  '=',
  ';',
  '\u0000',
  'é',
  '> ',
  ': ',
  '\t',
  '<!--',
  '&#',
  '%',
  '\\',
];

test(`${ROUNDS} damaged messages: none throws, none takes a second`, () => {
  const random = seededRandom(seed);
  const kinds = new Map<string, number>();
  let slowest_ms = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const { name, source } = random.pick(corpus);
    let bytes = source;
    for (let times = random.integer(1, 4); times > 0; times -= 1)
      bytes = random.pick(MUTATIONS)(bytes, random);
    const told = timed(() => kindOf(bytes));
    slowest_ms = Math.max(slowest_ms, told.cpu_ms);
    expect(told.cpu_ms, `seed ${seed}, round ${round}, from ${name}`).toBeLessThan(MAX_CPU_MS);
    kinds.set(told.answer, (kinds.get(told.answer) ?? 0) + 1);
  }
  process.stdout.write(
    `seed ${seed}: slowest ${Math.round(slowest_ms)} ms; ${JSON.stringify(Object.fromEntries(kinds))}\n`,
  );
  // Damage that left no readable message would prove nothing.
  expect(kinds.size).toBeGreaterThan(5);
});

function kindOf(bytes: Uint8Array): string {
  const mail = readMail(bytes);
  return 'fault' in mail ? mail.fault : classifyInbound(mail).kind;
}

function timed<T>(work: () => T): { answer: T; cpu_ms: number } {
  const before = process.cpuUsage();
  const answer = work();
  const { user, system } = process.cpuUsage(before);
  return { answer, cpu_ms: (user + system) / 1_000 };
}

type Mutation = (bytes: Buffer, random: Random) => Buffer;

const flipBytes: Mutation = (bytes, random) => {
  const changed = Buffer.from(bytes);
  for (let count = random.integer(1, 30); count > 0 && changed.length > 0; count -= 1) {
    changed[random.integer(0, changed.length - 1)] = random.integer(0, 255);
  }
  return changed;
};

const cut: Mutation = (bytes, random) =>
  bytes.subarray(random.integer(0, 20), random.integer(0, bytes.length));

const duplicateLines: Mutation = (bytes, random) =>
  onLines(bytes, (lines) => {
    const at = random.integer(0, lines.length - 1);
    const some = lines.slice(at, at + random.integer(1, 10));
    const copies = Array.from({ length: random.integer(1, 200) }, () => some).flat();
    return [...lines.slice(0, at), ...copies, ...lines.slice(at)];
  });

const swapLines: Mutation = (bytes, random) =>
  onLines(bytes, (lines) => {
    const at = random.integer(0, lines.length - 1);
    const to = random.integer(at, lines.length);
    return [...lines.slice(0, at), ...lines.slice(to), ...lines.slice(at, to)];
  });

const swapParts: Mutation = (bytes, random) => {
  const parts = bytes.toString('latin1').split(/(?=\r\n--)/);
  const at = random.integer(0, parts.length - 1);
  const [moved = ''] = parts.splice(at, 1);
  parts.splice(random.integer(0, parts.length), 0, moved);
  return Buffer.from(parts.join(''), 'latin1');
};

const hugeHeader: Mutation = (bytes, random) => {
  const value = random.pick(PIECES).repeat(random.integer(1, 20_000));
  return Buffer.concat([Buffer.from(`${random.pick(HEADERS)}: ${value}\r\n`), bytes]);
};

const otherCharset: Mutation = (bytes, random) =>
  Buffer.from(
    bytes.toString('latin1').replace(/charset=[^\s;]+/, `charset=${random.pick(CHARSETS)}`),
    'latin1',
  );

const insertPieces: Mutation = (bytes, random) => {
  const at = random.integer(0, bytes.length);
  const piece = Buffer.from(random.pick(PIECES).repeat(random.integer(1, 2_000)));
  return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
};

const joinTwo: Mutation = (bytes, random) => Buffer.concat([bytes, random.pick(corpus).source]);

const MUTATIONS = [
  flipBytes,
  cut,
  duplicateLines,
  swapLines,
  swapParts,
  hugeHeader,
  otherCharset,
  insertPieces,
  joinTwo,
];

function onLines(bytes: Buffer, change: (lines: string[]) => string[]): Buffer {
  return Buffer.from(change(bytes.toString('latin1').split('\r\n')).join('\r\n'), 'latin1');
}

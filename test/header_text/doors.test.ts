import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { smtpSender } from '../../src/connectors/smtp.ts';
import { draftFaults } from '../../src/core/draft_checks.ts';
import { headerText, isHeaderText } from '../../src/core/header_text.ts';
import { readCell } from '../../src/operations/leads/import_cells.ts';
import { mail } from '../connectors/mail.ts';
import { testDatabase } from '../database.ts';
import { scale } from '../scale.ts';
import { addKey, type Door, openDoor } from '../sending/door.ts';
import '../seed.ts';
import { createWorld, type World } from '../world.ts';
import { HEADER_DOORS, type Ids, valueAt } from './doors.ts';
import { startSink } from './smtp_sink.ts';

/* Random texts over all of Unicode through every entry point for header text. Each is refused with the path of its field,
   or stored in its normal form, which the database accepts and which arrives unchanged at a mail server. */

const { db } = await testDatabase();
const sink = await startSink();
const limits = { connection_timeout_ms: 5_000, socket_timeout_ms: 5_000, max_messages: 10_000 };
const sender = smtpSender({ url: sink.url, ...limits });
let world: World;
let door: Door;
let key: string;
let ids: Ids;

beforeAll(async () => {
  world = await createWorld(db);
  door = await openDoor(db, world);
  if (world.person.kind === 'human') key = await addKey(db, world.org_id, { user_id: world.person.user_id });
  const lead = await world.addLead();
  const [mailbox] = await world.rows<{ id: string }>('mailboxes');
  const [account] = await world.rows<{ id: string }>('accounts');
  ids = { lead, mailbox: mailbox!.id, account: account!.id };
});
afterAll(async () => {
  await door.close();
  await sender.close();
  await sink.close();
});

/** Mostly common characters, so that many texts pass, and some arbitrary code points, including halves of pairs. */
const character = fc.oneof(
  { weight: 30, arbitrary: fc.integer({ min: 0x20, max: 0x7e }) },
  { weight: 10, arbitrary: fc.integer({ min: 0xa0, max: 0x2fff }) },
  { weight: 10, arbitrary: fc.integer({ min: 0x3000, max: 0xd7ff }) },
  { weight: 5, arbitrary: fc.integer({ min: 0x1f300, max: 0x1faff }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 0x10ffff }) },
  { weight: 1, arbitrary: fc.constantFrom(9, 10, 13, 0x1b, 0x85, 0x2028, 0x200e, 0xfeff, 0x3d, 0x3f) },
);
/** In a template, braces would be Liquid. */
const text = fc
  .array(character, { minLength: 1, maxLength: 40 })
  .map((code_points) => code_points.map((one) => String.fromCodePoint(one)).join(''))
  .map((given) => given.replaceAll(/[{}]/g, '|'));

it.each(HEADER_DOORS)(
  '$name refuses a text with its path, or stores its normal form',
  async ({ field, chars_max, read }) => {
    await fc.assert(
      fc.asyncProperty(text, async (given) => {
        const normal = headerText(given);
        const wanted = isHeaderText(normal, chars_max) ? { kept: normal } : { paths: [field] };
        expect(await read(given)).toEqual(wanted);
      }),
      { numRuns: 1_000 },
    );
  },
);

const AT_THE_SERVER = HEADER_DOORS.flatMap((one) =>
  one.request === undefined ? [] : [{ ...one, request: one.request }],
);

it.each(AT_THE_SERVER)(
  '$name does the same at the server, and the database accepts the result',
  async (one) => {
    const { field, answer_field = field, chars_max, request } = one;
    await fc.assert(
      fc.asyncProperty(text, async (given) => {
        const { method, path, body } = request(given, ids);
        const { status, body: answer } = await door.call(method, path, { key, body });
        const normal = headerText(given);
        if (isHeaderText(normal, chars_max)) {
          expect(status, JSON.stringify(answer)).toBeLessThan(300);
          expect(valueAt(answer, answer_field)).toBe(normal);
        } else {
          const paths = answer.errors.map((error: { path: string }) => error.path);
          expect({ status, paths }).toEqual({ status: 422, paths: [field] });
        }
      }),
      { numRuns: scale(20, 1_000) },
    );
  },
  120_000,
);

it('a cell of an import is refused, or read in its normal form', () => {
  fc.assert(
    fc.property(text, (given) => {
      // In a table, line breaks and the byte order mark are spaces.
      const normal = headerText(given.replaceAll(/[\n\v\f\r\u2028\u2029\ufeff]/g, ' '));
      const cell = readCell('first_name', given, { now_ms: 0, owners: new Map() });
      if ('value' in cell) expect(cell.value === null || cell.value === normal).toBe(true);
      else expect(isHeaderText(normal)).toBe(false);
    }),
    { numRuns: 1_000 },
  );
});

it('a subject that a model writes becomes a draft only if it can be a header', () => {
  const rules = { channel: 'email', own_texts: [], account_name: null, postal_address: '1 Road' } as const;
  fc.assert(
    fc.property(text, (given) => {
      const subject = headerText(given);
      const faults = draftFaults({ subject, body: 'Hello' }, rules);
      const is_refused = faults.includes('control_characters') || faults.includes('subject_missing');
      expect(is_refused).toBe(!isHeaderText(subject));
    }),
    { numRuns: 1_000 },
  );
});

it('a stored text arrives unchanged, as the subject and as the sender’s name', async () => {
  let arrived = 0;
  await fc.assert(
    fc.asyncProperty(text, async (given) => {
      const subject = headerText(given);
      fc.pre(isHeaderText(subject));
      const from = { name: subject, address: 'tara@b2bea.test' };
      const before = sink.received.length;
      expect(await sender.send(mail({ subject, from }))).toMatchObject({ kind: 'sent' });
      const email = sink.received[before]!;
      expect({ subject: email.subject, name: email.from?.name }).toEqual({ subject, name: subject });
      arrived += 1;
    }),
    { numRuns: 1_000 },
  );
  expect(arrived).toBeGreaterThanOrEqual(1_000);
}, 120_000);

it('a text that cannot be a header never reaches a server, and the error shows its place', async () => {
  await expect(sender.send(mail({ subject: 'Hello\u001b' }))).rejects.toMatchObject({
    code: 'mail_header_invalid',
    message: 'The message cannot be sent: subject has a control character (U+001B, escape) at position 6.',
  });
});

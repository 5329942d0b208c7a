import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import { mail } from '../../test/connectors/mail.ts';
import {
  type Adversary,
  type AdversaryMove,
  type AdversaryPlan,
  type AdversaryStage,
  startAdversary,
} from '../../test/connectors/smtp_adversary.ts';
import type { SendOutcome } from './connector.ts';
import { smtpSender } from './smtp.ts';

// Only a silent server reaches this limit; no other case may depend on how busy the machine is.
const PATIENT_MS = 10_000;
const IMPATIENT_MS = 500;

const MAIL = mail();
// Far more than the socket buffers of both sides hold, so that a break can occur inside the message.
const BIG = mail({ text: `${'All work and no play. '.repeat(10)}\n`.repeat(40_000) });

type Expected = Partial<Extract<SendOutcome, { kind: 'rejected' }>> | { kind: string; smtp_code?: number };

type Run = { outcome: SendOutcome; server: Adversary; asked: number; data_before_question: boolean };

async function run(plan: AdversaryPlan, message = MAIL, options = {}): Promise<Run> {
  const server = await startAdversary(plan, options);
  const waits = Object.values(plan).some((move) => move.do === 'silence' || move.do === 'drip');
  const opening = plan.greeting ?? plan.ehlo ?? plan.auth;
  const sender = smtpSender({
    url: `smtp://user:secret@127.0.0.1:${server.port}`,
    connection_timeout_ms: waits && opening !== undefined ? IMPATIENT_MS : PATIENT_MS,
    socket_timeout_ms: waits ? IMPATIENT_MS : PATIENT_MS,
  });
  let asked = 0;
  let data_before_question = false;
  const beforeData = async () => {
    asked += 1;
    // Long enough to see a DATA that was sent too early.
    await new Promise((resolve) => setTimeout(resolve, 5));
    data_before_question = server.commands.includes('DATA');
    return true;
  };
  try {
    const outcome = await sender.send(message, { beforeData });
    // A session is kept only for the next message, and only if this one had no problem.
    const left = outcome.kind === 'sent' ? 1 : 0;
    await vi.waitFor(() => expect(server.open_sessions).toBe(left), { timeout: 5_000, interval: 2 });
    return { outcome, server, asked, data_before_question };
  } finally {
    await sender.close();
    await server.close();
  }
}

/** The outcome must agree with the server's own journal, whatever the server does. */
function expectTruth({ outcome, server, asked, data_before_question }: Run): void {
  expect(data_before_question).toBe(false);
  if (outcome.kind === 'sent') expect(server.accepted).toHaveLength(1);
  if (outcome.kind === 'rejected' || outcome.kind === 'deferred') expect(server.accepted).toHaveLength(0);
  if (outcome.kind === 'unknown') expect(server.go_aheads).toBe(1);
  if (server.go_aheads > 0) expect(asked).toBe(1);
  if (server.go_aheads === 0) expect(outcome.kind).not.toBe('unknown');
}

const drop: AdversaryMove = { do: 'drop' };
const reset: AdversaryMove = { do: 'reset' };
const silence: AdversaryMove = { do: 'silence' };
const drip: AdversaryMove = { do: 'drip', text: '250-', every_ms: IMPATIENT_MS / 4 };
const say = (text: string): AdversaryMove => ({ do: 'say', text });
const sayAndDrop = (text: string): AdversaryMove => ({ do: 'say', text, drop_after: true });

const BEFORE_354: AdversaryStage[] = ['greeting', 'ehlo', 'auth', 'mail', 'rcpt', 'data'];
const AFTER_354: AdversaryStage[] = ['body', 'dot'];
/** Missing and malformed replies. */
const NO_REPLY: [string, AdversaryMove][] = [
  ['drops the connection', drop],
  ['resets the connection', reset],
  ['says nothing', silence],
  ['drips bytes forever', drip],
  ['stops within a line', sayAndDrop('250 o')],
  ['stops within a 4xx line', sayAndDrop('451 4.3.0 la')],
  ['stops within a 5xx line', sayAndDrop('550 5.1.1 no')],
  ['stops within a multiline reply', sayAndDrop('250-one\r\n250-two\r\n')],
];
const NONSENSE: [string, AdversaryMove][] = [
  ['talks nonsense', say('banana\r\n')],
  ['has four digits', say('2500 ok\r\n')],
  ['has two digits', say('25 ok\r\n')],
  ['has an impossible code', say('700 ok\r\n')],
  ['changes its code within a reply', say('250-ok\r\n550 no\r\n')],
  ['asks to continue at the wrong point', say('334 go on\r\n')],
];

describe.concurrent('missing or malformed replies', () => {
  for (const [name, move] of NO_REPLY) {
    for (const stage of BEFORE_354) {
      test(`${stage}: ${name} -> deferred`, async () => {
        const result = await run({ [stage]: move });
        expect(result.outcome).toMatchObject({ kind: 'deferred' });
        expectTruth(result);
      });
    }
    for (const stage of AFTER_354) {
      test(`${stage}: ${name} -> unknown`, async () => {
        const result = await run({ [stage]: move });
        expect(result.outcome).toMatchObject({ kind: 'unknown' });
        expectTruth(result);
      });
    }
  }
  for (const [name, move] of NONSENSE) {
    for (const stage of ['mail', 'rcpt', 'data'] as const) {
      test(`${stage}: ${name} -> deferred`, async () => {
        const result = await run({ [stage]: move });
        expect(result.outcome).toMatchObject({ kind: 'deferred' });
        expectTruth(result);
      });
    }
    test(`dot: ${name} -> unknown`, async () => {
      const result = await run({ dot: move });
      expect(result.outcome).toMatchObject({ kind: 'unknown' });
      expectTruth(result);
    });
  }
});

const REPLIES: [AdversaryStage, string, Expected][] = [
  ['greeting', '421 4.3.2 busy\r\n', { kind: 'deferred', smtp_code: 421 }],
  [
    'greeting',
    '554 5.7.1 you are listed\r\n',
    { kind: 'rejected', smtp_code: 554, enhanced_code: '5.7.1', scope: 'sender' },
  ],
  ['ehlo', '451 later\r\n', { kind: 'deferred', smtp_code: 451 }],
  ['ehlo', '550 go away\r\n', { kind: 'rejected', smtp_code: 550, scope: 'sender' }],
  ['auth', '454 4.7.0 later\r\n', { kind: 'deferred', smtp_code: 454 }],
  [
    'auth',
    '535 5.7.8 wrong password\r\n',
    { kind: 'rejected', smtp_code: 535, enhanced_code: '5.7.8', scope: 'sender' },
  ],
  ['mail', '451 4.3.0 later\r\n', { kind: 'deferred', smtp_code: 451 }],
  [
    'mail',
    '550 5.1.8 bad sender\r\n',
    { kind: 'rejected', smtp_code: 550, enhanced_code: '5.1.8', scope: 'sender' },
  ],
  ['rcpt', '450 4.2.0 greylisted\r\n', { kind: 'deferred', smtp_code: 450 }],
  [
    'rcpt',
    '550 5.1.1 no such user\r\n',
    { kind: 'rejected', smtp_code: 550, enhanced_code: '5.1.1', scope: 'recipient' },
  ],
  [
    'rcpt',
    '550-no such\r\n550 user\r\n',
    { kind: 'rejected', smtp_code: 550, response: '550-no such\n550 user', scope: 'recipient' },
  ],
  [
    'rcpt',
    '554 5.7.1 relay denied\r\n',
    { kind: 'rejected', smtp_code: 554, enhanced_code: '5.7.1', scope: 'sender' },
  ],
  ['data', '451 4.7.1 later\r\n', { kind: 'deferred', smtp_code: 451 }],
  ['data', '554 no valid recipients\r\n', { kind: 'rejected', smtp_code: 554, scope: 'message' }],
  ['data', '250 ok\r\n', { kind: 'deferred' }],
  ['dot', '452 4.3.1 disk full\r\n', { kind: 'deferred', smtp_code: 452 }],
  ['dot', '421 4.3.2 closing\r\n', { kind: 'deferred', smtp_code: 421 }],
  [
    'dot',
    '550 5.7.1 looks like spam\r\n',
    { kind: 'rejected', smtp_code: 550, enhanced_code: '5.7.1', scope: 'sender' },
  ],
  [
    'dot',
    '554 5.6.0 bad message\r\n',
    { kind: 'rejected', smtp_code: 554, enhanced_code: '5.6.0', scope: 'message' },
  ],
  [
    'dot',
    '552 5.2.2 mailbox full\r\n',
    { kind: 'rejected', smtp_code: 552, enhanced_code: '5.2.2', scope: 'recipient' },
  ],
  ['dot', '250\r\n', { kind: 'sent' }],
  ['dot', '\r\n250-2.0.0 one\r\n250 two\r\n', { kind: 'sent' }],
];

describe('a complete reply', () => {
  for (const [stage, text, expected] of REPLIES) {
    for (const fragment of [false, true]) {
      test(`${stage}: ${JSON.stringify(text)}${fragment ? ', byte by byte' : ''} -> ${expected.kind}`, async () => {
        const result = await run({ [stage]: say(text) }, MAIL, { fragment });
        expect(result.outcome).toMatchObject(expected);
        expectTruth(result);
      });
    }
  }

  for (const stage of ['mail', 'rcpt', 'data', 'dot'] as const) {
    test(`421 at ${stage} and the connection dies -> deferred`, async () => {
      const result = await run({ [stage]: sayAndDrop('421 4.3.2 closing\r\n') });
      expect(result.outcome).toMatchObject({ kind: 'deferred', smtp_code: 421 });
      expectTruth(result);
    });
  }
});

describe('a message in transit', () => {
  test('without faults the message is sent as written, with PIPELINING offered', async () => {
    const result = await run({});
    expect(result.outcome).toEqual({ kind: 'sent', response: '250 2.0.0 queued as A1' });
    expectTruth(result);
    expect(result.server.accepted[0]).toContain('\r\n..one line begins with a dot');
    expect(result.server.commands).toEqual([
      expect.stringMatching(/^EHLO /),
      expect.stringMatching(/^AUTH PLAIN /),
      'MAIL FROM:<tara@b2bea.test>',
      'RCPT TO:<ada@lead.test>',
      'DATA',
    ]);
  });

  test.each([
    ['drops', drop, 'unknown'],
    ['resets', reset, 'unknown'],
  ] as const)('%s in the middle of a large message -> %s', async (_name, body, kind) => {
    const result = await run({ body }, BIG);
    expect(result.outcome.kind).toBe(kind);
    expect(result.server.received).toHaveLength(0);
    expectTruth(result);
  });

  test.each([
    ['552 5.3.4 too big\r\n', { kind: 'rejected', smtp_code: 552, scope: 'message' }],
    ['452 4.3.1 no room\r\n', { kind: 'deferred', smtp_code: 452 }],
  ])('%j in the middle of a large message', async (text, expected) => {
    const result = await run({ body: say(text) }, BIG);
    expect(result.outcome).toMatchObject(expected);
    expectTruth(result);
  });

  test('a reply that precedes its command is not taken for the answer to that command', async () => {
    const early = await run({ rcpt: say('250 ok\r\n354 go\r\n250 queued\r\n') });
    expect(early.outcome).toMatchObject({ kind: 'deferred' });
    expectTruth(early);
    const with_the_go_ahead = await run({ data: say('354 go\r\n250 queued\r\n') });
    expect(with_the_go_ahead.outcome).toMatchObject({ kind: 'unknown' });
    expect(with_the_go_ahead.server.received).toHaveLength(0);
  });

  test('an endless reply is cut off', async () => {
    const endless = say(`250-${'x'.repeat(2_000)}\r\n`.repeat(60));
    expect((await run({ rcpt: endless })).outcome).toMatchObject({ kind: 'deferred' });
    expect((await run({ dot: endless })).outcome).toMatchObject({ kind: 'unknown' });
  });

  test('the result reports why the connection broke', async () => {
    expect((await run({ rcpt: reset })).outcome).toEqual({ kind: 'deferred', response: 'read ECONNRESET' });
    const { outcome } = await run({ dot: drop });
    expect(outcome).toEqual({ kind: 'unknown', response: 'the server closed the connection' });
  });

  test('server text is kept printable and bounded', async () => {
    const { outcome } = await run({ rcpt: say(`550 5.1.1 \u0000\u001b[31m${'y'.repeat(5_000)}\r\n`) });
    expect(outcome).toMatchObject({
      kind: 'rejected',
      response: expect.stringMatching(/^550 5\.1\.1 {3}\[31my+$/),
    });
    expect((outcome as { response: string }).response).toHaveLength(1_000);
  });
});

test('a server that does not listen -> deferred', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const sender = smtpSender({
    url: `smtp://127.0.0.1:${port}`,
    connection_timeout_ms: PATIENT_MS,
    socket_timeout_ms: PATIENT_MS,
  });
  expect(await sender.send(MAIL)).toEqual({
    kind: 'deferred',
    unreachable: true,
    response: expect.stringContaining('ECONNREFUSED'),
  });
});

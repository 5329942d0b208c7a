import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mail } from '../../test/connectors/mail.ts';
import { type AdversaryPlan, startAdversary } from '../../test/connectors/smtp_adversary.ts';
import { scale } from '../../test/scale.ts';
import { smtpSender } from './smtp.ts';

// Every behavior of a server at a stage, and its meaning if it is the first fault there.
const MOVES = {
  good: null,
  temporary: { do: 'say', text: '451 4.3.0 later\r\n' },
  permanent: { do: 'say', text: '550 5.1.1 no\r\n' },
  two_lines: { do: 'say', text: '450-later\r\n450 really\r\n' },
  closing: { do: 'say', text: '421 4.3.2 closing\r\n', drop_after: true },
  nonsense: { do: 'say', text: 'banana\r\n' },
  unfinished: { do: 'say', text: '550 5.1.1 n', drop_after: true },
  drop: { do: 'drop' },
  reset: { do: 'reset' },
} as const;

type MoveName = keyof typeof MOVES;
const STAGES = ['mail', 'rcpt', 'data', 'dot'] as const;
type Faults = Record<(typeof STAGES)[number], MoveName>;

/** The rule, written down a second time: reliability.md, "Send protocol". */
function expectedKind(faults: Faults): string {
  for (const stage of STAGES) {
    const move = faults[stage];
    if (move === 'good') continue;
    if (move === 'permanent') return 'rejected';
    if (['temporary', 'two_lines', 'closing'].includes(move)) return 'deferred';
    return stage === 'dot' ? 'unknown' : 'deferred';
  }
  return 'sent';
}

const mostlyGood = fc.oneof(
  { weight: 3, arbitrary: fc.constant<MoveName>('good') },
  { weight: 2, arbitrary: fc.constantFrom(...(Object.keys(MOVES) as MoveName[])) },
);
const faults = fc.record({ mail: mostlyGood, rcpt: mostlyGood, data: mostlyGood, dot: mostlyGood });

test('for random servers, each outcome follows the rule, and none is wrong', async () => {
  let sent = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(faults, { minLength: 1, maxLength: 5 }),
      fc.boolean(),
      async (mails, fragment) => {
        // Each message has its own faults, in any session: the plan follows the messages.
        let current = 0;
        const server = await startAdversary(() => planOf(mails[current] as Faults), { fragment });
        const sender = smtpSender({
          url: `smtp://127.0.0.1:${server.port}`,
          connection_timeout_ms: 2_000,
          socket_timeout_ms: 2_000,
        });
        try {
          for (const [index, wanted] of mails.entries()) {
            current = index;
            const before = { accepted: server.accepted.length, go_aheads: server.go_aheads };
            const outcome = await sender.send(mail({ message_id: `<m${index}@b2bea.test>` }));
            expect(outcome.kind).toBe(expectedKind(wanted));
            expect(server.accepted.length - before.accepted).toBe(outcome.kind === 'sent' ? 1 : 0);
            if (outcome.kind === 'unknown') expect(server.go_aheads - before.go_aheads).toBe(1);
            sent += 1;
          }
        } finally {
          await sender.close();
          await server.close();
        }
      },
    ),
    { numRuns: scale(60, 7_000) },
  );
  expect(sent).toBeGreaterThan(0);
});

function planOf(wanted: Faults): AdversaryPlan {
  return Object.fromEntries(
    STAGES.flatMap((stage) => {
      const move = MOVES[wanted[stage]];
      return move === null ? [] : [[stage, move]];
    }),
  );
}

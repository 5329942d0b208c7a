import type { AdversaryStage } from '../connectors/smtp_adversary.ts';
import type { SinkMove, SinkPlan } from './sink.ts';

/**
 * One failure of a mail server. `by` is the sender that meets it: a patient one, one whose timeouts are so short that
 * silence is waited out, one that requires TLS, or one whose server does not exist.
 */
export type FaultMode = {
  name: string;
  by: 'patient' | 'impatient' | 'tls' | 'nobody';
  plan: SinkPlan;
  /** The refusal says that the address does not exist, so no further message may go to it. */
  no_such_address?: true;
};

/** Timeouts of the impatient sender; a late reply comes well after them. */
export const IMPATIENT_MS = 400;
const LATE_MS = 2 * IMPATIENT_MS;

const drop: SinkMove = { do: 'drop' };
const reset: SinkMove = { do: 'reset' };
const say = (text: string): SinkMove => ({ do: 'say', text });
const sayAndDrop = (text: string): SinkMove => ({ do: 'say', text, drop_after: true });
const late = (text: string): SinkMove => ({ do: 'late', text, after_ms: LATE_MS });

function patient(name: string, plan: SinkPlan): FaultMode {
  return { name, by: 'patient', plan };
}

const BEFORE_DATA: AdversaryStage[] = ['greeting', 'ehlo', 'auth', 'mail', 'rcpt', 'data'];
const IN_MESSAGE: AdversaryStage[] = ['body', 'dot'];
/** The proper reply of each stage, but too late. */
const LATE_REPLIES: [AdversaryStage, string][] = [
  ['greeting', '220 late\r\n'],
  ['ehlo', '250 late\r\n'],
  ['mail', '250 late\r\n'],
  ['rcpt', '250 late\r\n'],
  ['data', '354 late\r\n'],
  ['dot', '250 late\r\n'],
];
const REFUSALS: [AdversaryStage, string, string][] = [
  ['greeting', '421 4.3.2 busy\r\n', '554 5.3.2 no service\r\n'],
  ['ehlo', '451 4.3.0 later\r\n', '550 go away\r\n'],
  ['auth', '454 4.7.0 later\r\n', '535 5.7.8 wrong password\r\n'],
  ['mail', '451 4.3.0 later\r\n', '550 5.1.8 bad sender\r\n'],
  ['rcpt', '450 4.2.0 greylisted\r\n', '550 5.2.1 disabled\r\n'],
  ['data', '451 4.7.1 later\r\n', '554 5.6.0 no\r\n'],
  ['body', '452 4.3.1 no room\r\n', '552 5.3.4 too big\r\n'],
  ['dot', '452 4.3.1 disk full\r\n', '554 5.6.0 bad message\r\n'],
];

/** Every failure mode. An attempt meets one of them, or a server that works. */
export const FAULT_MODES: readonly FaultMode[] = [
  { name: 'no connection', by: 'nobody', plan: {} },
  ...[...BEFORE_DATA, ...IN_MESSAGE].flatMap((stage) => [
    patient(`drop at ${stage}`, { [stage]: drop }),
    patient(`reset at ${stage}`, { [stage]: reset }),
  ]),
  patient('drop right after 354', { data: sayAndDrop('354 go ahead\r\n') }),
  patient('half a reply at the dot', { dot: sayAndDrop('250 2.0.0 que') }),
  patient('a reply without its last line', { dot: sayAndDrop('250-one\r\n250-two\r\n') }),
  patient('nonsense at the dot', { dot: sayAndDrop('banana\r\n') }),
  patient('a second 354 at the dot', { dot: sayAndDrop('354 go ahead\r\n') }),
  patient('354 twice', { data: say('354 go ahead\r\n354 go ahead\r\n'), dot: drop }),
  patient('250 and then a reset', { dot: sayAndDrop('250 2.0.0 queued\r\n'), quit: reset }),
  patient('250 over several lines, byte by byte', { dot: say('250-one\r\n250 two\r\n'), fragment: true }),
  patient('every reply byte by byte', { fragment: true }),
  patient('nonsense at rcpt', { rcpt: sayAndDrop('2500 ok\r\n') }),
  patient('250 to DATA', { data: say('250 ok\r\n') }),
  patient('a code that changes', { mail: sayAndDrop('250-ok\r\n550 no\r\n') }),
  patient('421 after rcpt', { rcpt: sayAndDrop('250 ok\r\n421 4.3.2 closing\r\n') }),
  patient('421 instead of 354', { data: sayAndDrop('421 4.3.2 closing\r\n') }),
  patient('421 at the dot', { dot: sayAndDrop('421 4.3.2 closing\r\n') }),
  ...REFUSALS.flatMap(([stage, temporary, permanent]) => [
    patient(`4xx at ${stage}`, { [stage]: say(temporary) }),
    patient(`5xx at ${stage}`, { [stage]: say(permanent) }),
  ]),
  { ...patient('no such address', { rcpt: say('550 5.1.1 no such user\r\n') }), no_such_address: true },
  patient('a refusal byte by byte', { rcpt: say('550-5.2.1 no\r\n550 5.2.1 no\r\n'), fragment: true }),
  ...LATE_REPLIES.map(
    ([stage, text]): FaultMode => ({
      name: `late at ${stage}`,
      by: 'impatient',
      plan: { [stage]: late(text) },
    }),
  ),
  {
    name: 'bytes for ever at the dot',
    by: 'impatient',
    plan: { dot: { do: 'drip', text: '250-', every_ms: IMPATIENT_MS / 4 } },
  },
  ...(['drop', 'garbage', 'untrusted'] as const).map(
    (starttls): FaultMode => ({ name: `TLS: ${starttls}`, by: 'tls', plan: { starttls } }),
  ),
  { name: 'TLS: not offered', by: 'tls', plan: {} },
];

/** A server that works. */
export const GOOD: FaultMode = patient('good', {});

import { WAKES, REASONS as WORDS } from './gate_words.gen.ts';

export type Reason = keyof typeof WORDS;

/** Short labels for filters, charts, and badges. */
export const REASONS = Object.entries(WORDS).map(([reason, { label }]) => [reason as Reason, label] as const);

export function reasonName(reason: string): string {
  return known(WORDS, reason)?.label ?? plain(reason);
}

/** Why a gate stopped a touch, within a sentence. */
export function reasonWords(reason: string): string {
  return known(WORDS, reason)?.why ?? plain(reason);
}

/** What ends a wait without a known time. */
export function wakeWords(wake: string | null): string {
  const until = known(WAKES, wake ?? '');
  return until === undefined ? 'when every gate passes' : `when ${until}`;
}

const ANSWERED_WORDS: Readonly<Record<string, string>> = {
  reply: 'the lead replied',
  not_now: 'the lead asked to be contacted later',
  out_of_office: 'the lead is out of office',
  unreachable: 'the lead has no address for the next step',
};

/** Why an enrollment is paused, within a sentence: by a person, by a reply, or by a gate. */
export function pauseWords(reason: string): string {
  if (reason.startsWith(BY_PERSON)) return `a person wrote “${reason.slice(BY_PERSON.length)}”`;
  return ANSWERED_WORDS[reason] ?? reasonWords(reason);
}

const BY_PERSON = 'person: ';

/** Reasons of a newer server have no words here. */
function known<Words>(words: Readonly<Record<string, Words>>, name: string): Words | undefined {
  return words[name];
}

function plain(reason: string): string {
  return reason.replaceAll('_', ' ');
}

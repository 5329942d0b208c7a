/** An explanation as a page of text, for terminals. */

import type { Json, SuppressedReason, WakeCondition } from '../../schema.gen.ts';
import type { GateTrace } from '../gate/decision.ts';
import { type UnreachableStep, unreachableWords } from '../gate/unreachable.ts';
import { WAKES } from '../gate/wakes.ts';
import { plainWords, sentence } from '../gate/words.ts';
import { gateLabel, gateSentence, readTrace, reasonWords } from './gates.ts';
import type { Explanation, NotSent } from './history.ts';
import { SAYS_WORDS, speaker } from './words.ts';

const COLUMNS = 100;
const NO_NAMES = { people: {}, agents: {}, campaigns: {} };

/** Headed sections, wrapped at 100 columns; plain text without control characters. */
export function explainText(explanation: Explanation): string {
  const { lead, summary, happened, not_sent, next, window } = explanation;
  const { when } = speaker(NO_NAMES, lead.time_zone);
  const time = (iso: string) => when(Temporal.Instant.from(iso).epochMilliseconds);
  const who = [lead.name, `<${lead.email}>`, lead.company].filter((part) => part !== null).join(' · ');
  const touches = window.touches.map(({ at, campaign, leaves_window_at }) => {
    const leaves = leaves_window_at === null ? 'sending' : `counts until ${time(leaves_window_at)}`;
    return item(`${time(at)}: “${campaign}”, ${leaves}`);
  });
  const room = roomWords(explanation, time);
  const count = `${window.touches_counted} of at most ${window.cap} in ${window.window_hours} hours. ${room}`;
  const sections = [
    [clean(who), `As of ${time(explanation.as_of)}`, '', ...wrap(clean(summary), '')],
    section(
      'What comes next',
      next.map(({ text }) => item(text)),
    ),
    section(
      'What was not sent, and why',
      not_sent.map((entry) => notSent(entry, time)),
    ),
    section(
      'What happened',
      happened.map(({ at, text }) => item(`${time(at)}: ${text}`)),
    ),
    section('Touches that count', [wrap(count, ''), ...touches]),
  ];
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function roomWords({ window: { next_free_at }, as_of }: Explanation, time: (iso: string) => string): string {
  if (next_free_at === null) return 'No touches allowed.';
  return next_free_at === as_of ? '1 touch available now.' : `1 touch available from ${time(next_free_at)}.`;
}

function section(title: string, entries: readonly string[][]): string[] {
  const heading = [title.toUpperCase(), '-'.repeat(title.length)];
  return [...heading, ...(entries.length === 0 ? ['Nothing.'] : entries.flat())];
}

function notSent({ at, text, gates }: NotSent, time: (iso: string) => string): string[] {
  return [...item(`${time(at)}: ${text}`), ...gates.flatMap((gate) => gateLines(gate, '    '))];
}

function gateLines({ gate, says, text }: NotSent['gates'][number], indent: string): string[] {
  const said = SAYS_WORDS[says as GateTrace['says']] ?? says;
  return wrap(clean(`${gateLabel(gate)}: ${said}. ${text}`), indent, `${indent}  `);
}

/** The gate's answer to a request for a sequence. */
export type RequestAnswered = {
  /** Null for a dry run. */
  request_id: string | null;
  outcome: 'allow' | 'hold' | 'queue' | 'block' | 'refuse';
  reason: SuppressedReason | null;
  /** ISO 8601 */
  until: string | null;
  wake: string | null;
  trace: readonly unknown[];
  unreachable_steps: readonly UnreachableStep[];
  /** The hand-off that asks an executive. */
  hand_off_id: string | null;
  /** The suppressed address in words, for those who may know more than that it is suppressed. */
  blocked_by: string | null;
  /** ISO 8601; when the lead wrote that they left the company or are the wrong person. */
  left_company_at: string | null;
};

/** The answer to a request in one sentence, then each gate that ran. Times are in UTC. */
export function requestText(answer: RequestAnswered): string {
  const { gates } = requestWords(answer, 'UTC');
  return [...wrap(clean(answerSentence(answer)), ''), ...gates.flatMap((gate) => gateLines(gate, '  '))].join(
    '\n',
  );
}

/** The same for a page, with times in the reader's zone. */
export function requestWords(answer: RequestAnswered, time_zone: string): Pick<NotSent, 'text' | 'gates'> {
  const about = { speaker: speaker(NO_NAMES, time_zone), window_hours: null };
  const gates = readTrace(answer.trace as Json).map((trace) => ({
    gate: trace.gate,
    says: trace.says,
    text: gateSentence(trace, about),
  }));
  const words = outcomeWords(answer, answer.request_id === null, time_zone);
  return { text: withRest(`${sentence(words)}.`, answer, time_zone), gates };
}

function answerSentence(answer: RequestAnswered): string {
  const is_dry = answer.request_id === null;
  const words = outcomeWords(answer, is_dry, 'UTC');
  const text = is_dry ? `Dry run, nothing changed. Result: ${words}.` : `${sentence(words)}.`;
  return withRest(text, answer, 'UTC');
}

/** Missing addresses matter only to a lead who may be enrolled. */
function withRest(text: string, answer: RequestAnswered, time_zone: string): string {
  const { outcome, reason, hand_off_id, left_company_at, unreachable_steps } = answer;
  const is_refused = outcome === 'refuse' || outcome === 'block';
  const asked =
    hand_off_id === null
      ? 'A request goes to an executive.'
      : `An executive has the request (hand-off ${hand_off_id}). Do not request it again.`;
  const left =
    left_company_at !== null &&
    `The lead wrote on ${speaker(NO_NAMES, time_zone).day(Temporal.Instant.from(left_company_at).epochMilliseconds)} that they left or are the wrong person.`;
  const rest = [
    reason === 'entry_restricted' && asked,
    left,
    !is_refused && unreachableWords(unreachable_steps),
  ];
  return [text, ...rest].filter(Boolean).join(' ');
}

function outcomeWords(
  { outcome, reason, until, wake, trace, unreachable_steps, blocked_by }: RequestAnswered,
  is_dry: boolean,
  time_zone: string,
): string {
  const rule = readTrace(trace as Json).at(-1)?.because;
  if (reason === 'entry_restricted')
    return 'not enrolled yet: this campaign requires an executive’s decision';
  const why = reason === null ? '' : `: ${blocked_by ?? reasonWords(reason, rule)}`;
  if (outcome === 'allow') return is_dry ? 'enrolled' : `enrolled${nextDraftWords(unreachable_steps)}`;
  const waits = outcome === 'hold' || outcome === 'queue';
  const end = waits ? ` until ${untilWords(until, wake, time_zone)}` : '';
  return `${SAYS_WORDS[outcome]}${end}${why}`;
}

/** Steps that cannot reach the lead are skipped or pause the enrollment; then no draft is next. */
function nextDraftWords(unreachable_steps: RequestAnswered['unreachable_steps']): string {
  const stops = new Map(
    unreachable_steps.map(({ step_number, when_unreachable }) => [step_number, when_unreachable]),
  );
  let next = 1;
  while (stops.get(next) === 'skip') next += 1;
  return stops.has(next) ? '' : `; step ${next} is drafted next`;
}

function untilWords(until: string | null, wake: string | null, time_zone: string): string {
  if (until !== null) {
    return speaker(NO_NAMES, time_zone).when(Temporal.Instant.from(until).epochMilliseconds);
  }
  return WAKES[(wake ?? 'never') as WakeCondition]?.until ?? plainWords(wake ?? '');
}

function item(text: string): string[] {
  return wrap(clean(text), '- ', '  ');
}

/** Names and reasons are typed by others and must not act as terminal commands. */
function clean(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Bidi_Control}]+/gu, ' ');
}

/** Wraps at 100 columns; a longer word gets its own line. */
function wrap(text: string, first: string, rest = first): string[] {
  const lines: string[] = [];
  let line = first;
  let is_empty = true;
  for (const word of text.split(' ')) {
    if (!is_empty && [...line].length + 1 + [...word].length > COLUMNS) {
      lines.push(line);
      line = rest;
      is_empty = true;
    }
    line += is_empty ? word : ` ${word}`;
    is_empty = false;
  }
  return [...lines, line];
}

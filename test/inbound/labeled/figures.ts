/** Measures the product's reading of the labeled set: opt-outs, intents, days of return, and quoted text. */
import { type ClassifiedInbound, classifyInbound } from '../../../src/core/inbound/inbound.ts';
import { readMail } from '../../../src/mail/read_mail.ts';
import { type Case, cases, isHuman, type Label } from './cases.ts';
import { type Rendered, rendered } from './rendering.ts';

export type Measured = {
  of: Case;
  message: Rendered;
  /** The text of the message as a person sees it, and what the rules take for the sender's own words. */
  text: string;
  reply: string;
  told: ClassifiedInbound;
};

const INTENTS: Readonly<Partial<Record<Label, string>>> = {
  opt_out: 'unsubscribe',
  left_company: 'wrong_person',
  none: 'other',
  auto: 'auto_reply',
};

export function measured(half: 'a' | 'b' | 'all'): Measured[] {
  return cases.filter((of) => half === 'all' || of.half === half).map(measuredCase);
}

function measuredCase(of: Case): Measured {
  const message = rendered(of);
  const mail = readMail(message.source);
  if ('fault' in mail) throw new Error(`${of.own}: ${mail.fault}`);
  const told = classifyInbound(mail, [message.sent]);
  return { of, message, text: mail.text, reply: 'reply' in told ? told.reply : '', told };
}

export type Share = { hits: number; of: number };

export type Figures = {
  opt_outs_at_once: Share;
  /** Opt-outs that take effect at once or are shown to a person as one. */
  opt_outs_seen: Share;
  wrong_opt_outs: Share;
  human_as_machine: Share;
  machine_as_human: Share;
  /** Right intents among those that the rules are certain about. */
  certain_right: Share;
  /** Intents named, certain or not. */
  intents_right: Share;
  return_dates: Share;
  contacts: Share;
  own_kept: Share;
  quote_removed: Share;
};

export function figuresOf(all: readonly Measured[]): Figures {
  const human = all.filter(({ of }) => isHuman(of));
  const machine = all.filter(({ of }) => !isHuman(of));
  const opt_outs = human.filter(({ of }) => of.label === 'opt_out');
  const others = human.filter(({ of }) => of.label !== 'opt_out');
  const certain = human.filter(({ told }) => isCertain(told));
  const absences = all.filter(({ of }) => of.label === 'out_of_office');
  const suggested = human.filter(({ of }) => of.expected !== null);
  const quoted = human.filter(({ message }) => message.quote !== '');
  return {
    opt_outs_at_once: share(opt_outs, ({ told }) => told.kind === 'unsubscribe'),
    opt_outs_seen: share(opt_outs, ({ told }) => intentOf(told) === 'unsubscribe'),
    wrong_opt_outs: share(others, ({ told }) => told.kind === 'unsubscribe'),
    human_as_machine: share(human, ({ told }) => told.kind !== 'reply' && told.kind !== 'unsubscribe'),
    machine_as_human: share(machine, ({ told }) => told.kind === 'reply' || told.kind === 'unsubscribe'),
    certain_right: share(certain, isRight),
    intents_right: share(human, isRight),
    return_dates: share(
      absences,
      ({ of, told }) => told.kind === 'out_of_office' && (told.return_date ?? 'none') === of.expected,
    ),
    contacts: share(suggested, ({ of, told }) => contactOf(told)?.includes(of.expected!) === true),
    own_kept: share(quoted, ({ of, reply }) => keepsOwn(of, reply)),
    quote_removed: share(quoted, ({ message, of, reply }) => removesQuote(message, of, reply)),
  };
}

export function isRight({ of, told }: Measured): boolean {
  return intentOf(told) === (INTENTS[of.label] ?? of.label);
}

export function intentOf(told: ClassifiedInbound): string {
  return told.kind === 'reply' ? told.intent : told.kind;
}

export function isCertain(told: ClassifiedInbound): boolean {
  return told.kind === 'unsubscribe' || (told.kind === 'reply' && told.certain);
}

function contactOf(told: ClassifiedInbound): string | null {
  if (told.kind !== 'reply' || told.suggested_contact === null) return null;
  const { name, email } = told.suggested_contact;
  return `${name ?? ''} <${email ?? ''}>`;
}

/** Whether a splitter keeps each word that the sender wrote. */
export function keepsOwn(of: Case, reply: string): boolean {
  return words(reply)
    .join(' ')
    .includes(words(ownWithoutFooter(of.own)).join(' '));
}

/** Whether a splitter removes each line of the quote and of its introduction. */
export function removesQuote({ quote }: Rendered, of: Case, reply: string): boolean {
  const own = words(of.own).join(' ');
  const left = words(reply).join(' ').replace(own, ' ');
  const lines = quote.split('\n').map((line) => words(line).join(' '));
  return lines.every((line) => line.length < 8 || own.includes(line) || !left.includes(line));
}

/** A phone's footer is not the sender's. */
function ownWithoutFooter(own: string): string {
  return own.replace(/\n\nSent from my iPhone$/, '');
}

function words(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}@.]+/gu) ?? [];
}

function share<T>(all: readonly T[], isHit: (one: T) => boolean): Share {
  return { hits: all.filter(isHit).length, of: all.length };
}

export function rate({ hits, of }: Share): number {
  return of === 0 ? 1 : hits / of;
}

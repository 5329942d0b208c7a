/** Quoted text as two libraries remove it, beside the product, on the labeled set. Only the printing tool uses them. */
import { createRequire } from 'node:module';
import EmailReplyParser from 'email-reply-parser';
import { splitQuoted } from '../../../src/core/inbound/quotes.ts';
import { isHuman } from './cases.ts';
import { keepsOwn, type Measured, removesQuote, type Share } from './figures.ts';

const require = createRequire(import.meta.url);
/** It has no types. */
const planer = require('planer') as {
  extractFrom(text: string, type: 'text/plain'): string;
};

/** Each takes the text that the product reads from the message: for HTML, with `> ` at each level of quoting. */
const SPLITTERS: Readonly<Record<string, (one: Measured) => string>> = {
  product: ({ reply }) => reply,
  'product, no sent text': ({ text }) => splitQuoted(text).reply,
  'email-reply-parser': ({ text }) => new EmailReplyParser().parseReply(text),
  planer: ({ text }) => planer.extractFrom(text, 'text/plain'),
};

export type PeerFigures = { own_kept: Share; quote_removed: Share };

export function peerFigures(all: readonly Measured[]): Readonly<Record<string, PeerFigures>> {
  const quoted = all.filter(({ of, message }) => isHuman(of) && message.quote !== '');
  return Object.fromEntries(
    Object.entries(SPLITTERS).map(([name, split]) => {
      const replies = quoted.map((one) => ({ one, reply: split(one) }));
      const kept = replies.filter(({ one, reply }) => keepsOwn(one.of, reply)).length;
      const removed = replies.filter(({ one, reply }) => removesQuote(one.message, one.of, reply)).length;
      return [
        name,
        {
          own_kept: { hits: kept, of: quoted.length },
          quote_removed: { hits: removed, of: quoted.length },
        },
      ];
    }),
  );
}

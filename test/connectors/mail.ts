import type { OutboundMail } from '../../src/mail/messages.ts';

/** A message as the product sends it, with a test's changes. */
export function mail(changes: Partial<OutboundMail> = {}): OutboundMail {
  return {
    message_id: '<touch-1.1@b2bea.test>',
    from: { name: 'Tara', address: 'tara@b2bea.test' },
    to: { name: 'Ada Lovelace', address: 'ada@lead.test' },
    subject: 'A question',
    text: 'Hello Ada,\n\n.one line begins with a dot\nBest, Tara',
    list_unsubscribe_url: 'https://touchline.test/u/token',
    footer: {
      sender_name: 'B2BEA',
      postal_address: '1 Main Street\nSpringfield',
      unsubscribe_url: 'https://touchline.test/u/token',
    },
    date: new Date('2026-03-02T10:00:00Z'),
    ...changes,
  };
}

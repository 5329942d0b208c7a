/** Automatic messages that are not out-of-office replies: mailing lists, receipts and requests of mail programs. */
import { plain, sample } from './building.ts';

const ANSWERS = 'In-Reply-To: <0b6f1d2c9a@mail.ours.example>';

export const automatic = [
  plain('ticket_opened', {
    from: 'Helpdesk <help@buyer.example>',
    subject: '[Ticket #4711] Fewer spreadsheets in your membership renewal',
    headers: `Auto-Submitted: auto-replied\n${ANSWERS}`,
    text: 'Thank you for contacting us. We have received your request and will answer within two working days.',
  }),
  plain('ticket_by_suppress_header', {
    from: 'Service desk <service@buyer.example>',
    subject: 'We have received your message',
    headers: `X-Auto-Response-Suppress: All\n${ANSWERS}`,
    text: 'Your request has been logged.',
  }),
  plain('autoresponder', {
    from: 'Office <office@buyer.example>',
    subject: 'Auto-Response: Fewer spreadsheets',
    text: 'This mailbox is not monitored.',
  }),
  plain('auto_notified', {
    from: 'Portal <portal@buyer.example>',
    subject: 'New message',
    headers: 'Auto-Submitted: auto-notified',
    text: 'You have a new message in the supplier portal.',
  }),
  plain('german_receipt', {
    from: 'Empfang <office@buyer.example>',
    subject: 'Eingangsbestätigung Ihrer Nachricht',
    headers: `X-Autorespond: 1\n${ANSWERS}`,
    text: 'Wir haben Ihre Nachricht erhalten und melden uns.',
  }),
  plain('newsletter', {
    from: 'Trade News <news@press.example>',
    subject: 'This week in trade',
    headers: 'List-Id: <news.press.example>\nList-Unsubscribe: <https://press.example/u>\nPrecedence: bulk',
    text: 'Top stories of the week. Are you interested? Book a demo today!',
  }),
  plain(
    'reply_through_list',
    {
      from: 'Purchasing <purchasing@buyer.example>',
      subject: 'Re: Fewer spreadsheets in your membership renewal',
      headers: `List-Id: <team.buyer.example>\nPrecedence: list\n${ANSWERS}`,
      text: 'Sounds good. Please send me more information.',
    },
    'Sounds good. Please send me more information.',
  ),
  sample(
    'read_receipt',
    `From: Purchasing <purchasing@buyer.example>
To: sales@ours.example
Subject: Read: Fewer spreadsheets in your membership renewal
Date: Mon, 27 Jul 2026 12:00:00 +0200
Content-Type: multipart/report; report-type=disposition-notification; boundary=r

--r
Content-Type: text/plain

Your message was read on Monday.
--r
Content-Type: message/disposition-notification

Final-Recipient: rfc822;purchasing@buyer.example
Original-Message-ID: <0b6f1d2c9a@mail.ours.example>
Disposition: manual-action/MDN-sent-manually; displayed
--r--
`,
  ),
  plain('mailto_unsubscribe', { from: 'purchasing@buyer.example', subject: 'unsubscribe', text: '' }, ''),
  plain('mail_program_unsubscribes', {
    from: 'purchasing@buyer.example',
    subject: 'Unsubscribe',
    headers: 'Auto-Submitted: auto-generated',
    text: 'This message was sent by your mail program to unsubscribe from the message "Fewer spreadsheets".',
  }),
  plain(
    'auto_submitted_no',
    {
      from: 'Purchasing <purchasing@buyer.example>',
      subject: 'Re: Fewer spreadsheets in your membership renewal',
      headers: `Auto-Submitted: no\n${ANSWERS}`,
      text: 'No thanks, we already have a provider.',
    },
    'No thanks, we already have a provider.',
  ),
  plain(
    'person_from_exchange',
    {
      from: 'Purchasing <purchasing@buyer.example>',
      subject: 'Re: Fewer spreadsheets in your membership renewal',
      headers: `X-Auto-Response-Suppress: DR, OOF, AutoReply\n${ANSWERS}`,
      text: 'Can we talk on Thursday at 10:00?',
    },
    'Can we talk on Thursday at 10:00?',
  ),
];

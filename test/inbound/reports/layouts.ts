/** The part for people of a delivery report, as each server writes it. */
import { OUR_HEADERS, OURS } from '../../mail/corpus/building.ts';
import type { ReportCase, ReportLayout } from './cases.ts';

export const ADDRESS = 'purchasing@buyer.example';
const SUBJECT = 'Fewer spreadsheets in your membership renewal';

export type Written = { from: string; subject: string; headers?: string; told: string };

export const LAYOUT: Readonly<Record<ReportLayout, (of: ReportCase) => Written>> = {
  postfix,
  exim,
  sendmail: ({ words }) => ({
    from: 'Mail Delivery Subsystem <MAILER-DAEMON@relay.example>',
    subject: 'Returned mail: see transcript for details',
    told: `The original message was received at Mon, 27 Jul 2026 09:00:02 +0200
from mail.ours.example [192.0.2.10]

   ----- The following addresses had permanent fatal errors -----
<${ADDRESS}>
    (reason: ${words})

   ----- Transcript of session follows -----
... while talking to mx.buyer.example.:
>>> RCPT To:<${ADDRESS}>
<<< ${words}`,
  }),
  qmail: ({ words }) => ({
    from: 'MAILER-DAEMON@relay.example',
    subject: 'failure notice',
    told: `Hi. This is the qmail-send program at relay.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<${ADDRESS}>:
${words}

--- Below this line is a copy of the message.

${OURS}`,
  }),
  exchange: ({ words, digits }) => exchange(words, digits[6]! % 2 === 0),
  m365_text: ({ words }) => exchange(words, true),
  gmail: ({ words }) => ({
    from: 'Mail Delivery Subsystem <mailer-daemon@googlemail.example>',
    subject: 'Delivery Status Notification (Failure)',
    headers: `X-Failed-Recipients: ${ADDRESS}`,
    told: `** Message not delivered **

There was a problem delivering your message to ${ADDRESS}. See the technical details below.

The response from the remote server was:
${words}`,
  }),
  yahoo: ({ words }) => ({
    from: 'MAILER-DAEMON@yahoo.example',
    subject: 'Failure Notice',
    told: `Sorry, we were unable to deliver your message to the following address.

<${ADDRESS}>:
${words}

--------- Original message begins below this line ----------

${OURS}`,
  }),
  ses: () => ({
    from: 'MAILER-DAEMON@eu-west-1.amazonses.example',
    subject: 'Delivery Status Notification (Failure)',
    told: `An error occurred while trying to deliver the mail to the following recipients:\n${ADDRESS}`,
  }),
  sendgrid: () => ({
    from: 'MAILER-DAEMON@sendgrid.example',
    subject: 'Undelivered Mail Returned to Sender',
    told: `Hello, this is the mail server on sendgrid.example.

I am sending you this message to inform you on the delivery status of a message you previously sent.
Immediately below you will find a list of the affected recipients.

  <${ADDRESS}>`,
  }),
  mailgun: () => ({
    from: 'Mail Delivery System <postmaster@mg.ours.example>',
    subject: 'Mail delivery failed',
    told: `This message was created automatically by mail delivery software.\n\n  ${ADDRESS}`,
  }),
  postmark: () => ({
    from: 'Mail Delivery System <MAILER-DAEMON@mtasv.example>',
    subject: 'Undelivered Mail Returned to Sender',
    told: `Your message to <${ADDRESS}> could not be delivered.`,
  }),
  proofpoint: (of) => ({
    ...postfix(of),
    from: 'Mail Delivery Subsystem <MAILER-DAEMON@mx0a-0001.pphosted.example>',
    subject: 'Returned mail: see transcript for details',
  }),
  mimecast: ({ words }) => ({
    from: 'postmaster@uk-mta-1.mimecast.example',
    subject: `[Postmaster] Email Delivery Failure`,
    told: `This is a delivery failure notification message concerning an email you sent to ${ADDRESS}.

Remote server returned: ${words}`,
  }),
  barracuda: (of) => ({
    ...postfix(of),
    from: 'Mail Delivery System <MAILER-DAEMON@barracuda.buyer.example>',
    subject: '**Message you sent blocked by our bulk email filter**',
  }),
  gmx: ({ words }) => ({
    from: '"GMX Mailer Daemon" <mailer-daemon@gmx.example>',
    subject: 'Mail delivery failed: returning message to sender',
    told: `This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of
its recipients. This is a permanent error. The following address
failed:

${ADDRESS}:
SMTP error from remote server for RCPT TO command, host: mx.buyer.example (192.0.2.25) reason: ${words}

--- The header of the original message is following. ---

${OUR_HEADERS}`,
  }),
  mailru: ({ words }) => ({
    from: 'mailer-daemon@corp.mail.example',
    subject: 'Mail failure.',
    told: `This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its recipients.
This is a permanent error. The following address(es) failed:

  ${ADDRESS}
    ${words}

------ This is a copy of the message's header. ------

${OUR_HEADERS}`,
  }),
  yandex: ({ words }) => ({
    from: 'mailer-daemon@yandex.example',
    subject: 'Недоставленное сообщение',
    told: `This is the mail system at host forward1.mail.yandex.example.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients.

<${ADDRESS}>: host mx.buyer.example[192.0.2.25] said: ${words} (in reply to end of DATA command)`,
  }),
  icloud: (of) => ({
    ...postfix(of),
    from: 'Mail Delivery System <MAILER-DAEMON@p00-icloudmta.example>',
  }),
  zoho: ({ words }) => ({
    from: 'mailer-daemon@mail.zoho.example',
    subject: 'Undelivered Mail Returned to Sender',
    told: `This message was created automatically by mail delivery software.
A message that you sent could not be delivered to one or more of its recipients. This is a permanent error.

${ADDRESS}, ${words}

Received:from mail.ours.example
Message-ID: <0b6f1d2c9a@mail.ours.example>`,
  }),
  german: ({ words }) => ({
    from: 'Mail-Administrator <postmaster@post.example>',
    subject: 'Ihre Nachricht konnte nicht zugestellt werden',
    told: `Guten Tag,

leider konnte Ihre Nachricht an folgende Adresse nicht zugestellt werden:

    ${ADDRESS}

${words}

Message-ID: <0b6f1d2c9a@mail.ours.example>
Subject: ${SUBJECT}`,
  }),
  other_languages: ({ words }) => ({
    from: 'Mail Delivery System <MAILER-DAEMON@posta.example>',
    subject: 'Undelivered Mail Returned to Sender',
    told: `<${ADDRESS}>: host mx.buyer.example[192.0.2.25] said:\n    ${words}

Message-ID: <0b6f1d2c9a@mail.ours.example>`,
  }),
};

function postfix({ words }: ReportCase): Written {
  return {
    from: 'MAILER-DAEMON@mx1.ours.example (Mail Delivery System)',
    subject: 'Undelivered Mail Returned to Sender',
    told: `This is the mail system at host mx1.ours.example.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

For further assistance, please send mail to postmaster.

<${ADDRESS}>: host mx.buyer.example[192.0.2.25] said: ${words}`,
  };
}

function exim({ words, digits }: ReportCase): Written {
  return {
    from: 'Mail Delivery System <Mailer-Daemon@relay.example>',
    subject: 'Mail delivery failed: returning message to sender',
    ...(digits[7]! % 2 === 0 ? { headers: `X-Failed-Recipients: ${ADDRESS}` } : {}),
    told: `This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  ${ADDRESS}
    host mx.buyer.example [192.0.2.25]
    SMTP error from remote mail server after RCPT TO:<${ADDRESS}>:
    ${words}`,
  };
}

function exchange(words: string, is_long: boolean): Written {
  return {
    from: '"Microsoft Outlook" <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@buyer.example>',
    subject: `Undeliverable: ${SUBJECT}`,
    headers: 'X-MS-Exchange-Message-Is-Ndr:',
    told: `Your message to ${ADDRESS} couldn't be delivered.

${words}
${
  is_long
    ? `
Original Message Details
Created Date: 7/27/2026 7:00:00 AM
Sender Address: sales@ours.example
Recipient Address: ${ADDRESS}
Subject: ${SUBJECT}
`
    : ''
}`,
  };
}

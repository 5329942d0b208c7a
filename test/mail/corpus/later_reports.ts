/** Reports and complaints written after the rules, to test the rules. */
import { OUR_HEADERS, OURS, plain, report, sample } from './building.ts';

const NULL_PATH = 'Return-Path: <>';

function postfix(name: string, status: string, said: string) {
  return report(name, {
    from: 'Mail Delivery System <MAILER-DAEMON@out.ours.example>',
    subject: 'Undelivered Mail Returned to Sender',
    told: `This is the mail system at host out.ours.example.\n\n<purchasing@buyer.example>: host mx.buyer.example[192.0.2.25] said: ${said}`,
    status: `Reporting-MTA: dns; out.ours.example

Final-Recipient: rfc822; purchasing@buyer.example
Action: failed
Status: ${status}
Diagnostic-Code: smtp; ${said}`,
  });
}

export const later_reports = [
  postfix(
    'l_mailbox_unavailable',
    '5.5.0',
    '550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302).',
  ),
  postfix('l_blocklist', '5.7.606', '550 5.7.606 Access denied, banned sending IP [192.0.2.10].'),
  postfix('l_greylisted_to_the_end', '4.7.1', '450 4.7.1 Client host rejected: Greylisted, see help page'),
  postfix('l_system_storage', '4.3.1', '452 4.3.1 Insufficient system storage'),
  postfix('l_moved', '5.1.6', '551 5.1.6 Recipient has moved, no forwarding address'),
  postfix('l_bad_domain', '5.1.2', '550 5.1.2 Bad destination system address'),
  postfix('l_vague_inactive', '5.0.0', '550 This account has been deactivated'),
  postfix('l_vague_rate', '5.0.0', '554 Too many messages from your host, try again later'),
  postfix('l_vague_nothing', '5.0.0', '554 Transaction failed'),
  postfix('l_loop', '5.4.6', '554 5.4.6 Too many hops'),
  postfix('l_content', '5.6.0', '554 5.6.0 Message contains a forbidden attachment type'),
  postfix('l_no_mailbox_spanish', '5.0.0', '550 El usuario no existe'),
  report('l_qualified_failure', {
    from: 'postmaster@mail.buyer.example',
    subject: 'Delivery Status Notification (Failure)',
    told: 'This is an automatically generated Delivery Status Notification.\n\nDelivery to the following recipients failed.\n\n       purchasing@buyer.example',
    status: `Reporting-MTA: dns;mail.buyer.example
Received-From-MTA: dns;mail.ours.example
Arrival-Date: Mon, 27 Jul 2026 09:00:04 +0200

Final-Recipient: rfc822;purchasing@buyer.example
Action: failed
Status: 5.1.1
X-Display-Name: Purchasing`,
    returned: 'whole',
  }),
  report('l_expanded', {
    from: 'MAILER-DAEMON@lists.buyer.example',
    subject: 'Delivery report',
    told: 'Your message was expanded to a list.',
    status:
      'Reporting-MTA: dns; lists.buyer.example\n\nFinal-Recipient: rfc822; team@buyer.example\nAction: expanded\nStatus: 2.0.0',
  }),
  report('l_japanese_server', {
    from: 'MAILER-DAEMON@mx.asia.example',
    subject: '=?iso-2022-jp?B?GyRCR1s/LkNZMWQbKEI=?=',
    told: 'The following message could not be delivered yet.',
    status:
      'Reporting-MTA: dns; mx.asia.example\n\nOriginal-Recipient: rfc822;purchasing@buyer.example\nFinal-Recipient: rfc822;purchasing@buyer.example\nAction: delayed\nStatus: 4.0.0\nWill-Retry-Until: Thu, 30 Jul 2026 09:00:00 +0900',
  }),
  report('l_global_address', {
    from: 'Mail Delivery System <mailer-daemon@relay.example>',
    subject: 'Undelivered Mail',
    told: 'Delivery failed.',
    status:
      'Reporting-MTA: dns; relay.example\n\nFinal-Recipient: utf-8; office@buyer.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 unknown',
    returned: 'none',
  }),
  sample(
    'l_report_in_base64',
    `Return-Path: <>
From: postmaster@buyer.example
To: sales@ours.example
Subject: Undeliverable
Date: Mon, 27 Jul 2026 09:01:00 +0200
Content-Type: multipart/report; report-type="delivery-status"; boundary="b64"

--b64
Content-Type: text/html; charset=utf-8

<p>Your message couldn't be delivered.</p>
--b64
Content-Type: message/delivery-status
Content-Transfer-Encoding: base64

${Buffer.from('Reporting-MTA: dns; buyer.example\r\n\r\nFinal-Recipient: rfc822; purchasing@buyer.example\r\nAction: failed\r\nStatus: 5.1.1\r\n').toString('base64')}
--b64
Content-Type: message/rfc822

${OURS}
--b64--
`,
  ),
  plain('l_exim_german_admin', {
    from: 'Mail Delivery System <Mailer-Daemon@host.example>',
    subject: 'Mail delivery failed: returning message to sender',
    headers: `${NULL_PATH}\nX-Failed-Recipients: purchasing@buyer.example, office@buyer.example`,
    text: `This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  purchasing@buyer.example
    host mx.buyer.example [192.0.2.25]
    SMTP error from remote mail server after RCPT TO:<purchasing@buyer.example>:
    550 5.1.1 User does not exist
  office@buyer.example
    host mx.buyer.example [192.0.2.25]
    SMTP error from remote mail server after RCPT TO:<office@buyer.example>:
    552 5.2.2 Mailbox full

------ This is a copy of the message, including all the headers. ------

${OURS}`,
  }),
  plain('l_qmail_no_host', {
    from: 'MAILER-DAEMON@relay.example',
    subject: 'failure notice',
    text: `Hi. This is the qmail-send program at relay.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<purchasing@buyer.example>:
Sorry, I couldn't find any host named buyer.example. (#5.1.2)

--- Below this line is a copy of the message.

${OURS}`,
  }),
  plain('l_mdaemon', {
    from: 'MDaemon at relay.example <MDaemon@relay.example>',
    subject: 'Permanent Delivery Failure',
    headers: NULL_PATH,
    text: `The attached message had PERMANENT fatal delivery errors!

Failed address: purchasing@buyer.example

--- Session Transcript ---
 RCPT To:<purchasing@buyer.example>
 550 5.1.1 Recipient unknown
--- End Transcript ---`,
  }),
  plain('l_zoho', {
    from: 'mailer-daemon@mail.hosted.example',
    subject: 'Undelivered Mail Returned to Sender',
    headers: NULL_PATH,
    text: `This message was created automatically by mail delivery software.
A message that you sent could not be delivered to one or more of its recipients. This is a permanent error.

purchasing@buyer.example, ERROR CODE :550 - 5.1.1 The recipient address does not exist`,
  }),
  plain('l_tonline_german', {
    from: 'Mail-Administrator <postmaster@post.example>',
    subject: 'Ihre Nachricht konnte nicht zugestellt werden',
    headers: NULL_PATH,
    text: `Guten Tag,

leider konnte Ihre E-Mail an folgende Adresse nicht zugestellt werden:

    purchasing@buyer.example

Grund: Die Empfängeradresse existiert nicht.`,
  }),
  plain('l_french_server', {
    from: 'Mail Delivery System <MAILER-DAEMON@courrier.example>',
    subject: 'Message non remis',
    headers: NULL_PATH,
    text: "Votre message à <purchasing@buyer.example> n'a pas pu être remis.\n\nRaison : 550 5.1.1 utilisateur inconnu",
  }),
  plain('l_still_trying', {
    from: 'Mail Delivery System <MAILER-DAEMON@relay.example>',
    subject: 'Delayed Mail (still being retried)',
    headers: NULL_PATH,
    text: `This is the mail system at host relay.example.

####################################################################
# THIS IS A WARNING ONLY.  YOU DO NOT NEED TO RESEND YOUR MESSAGE. #
####################################################################

Your message could not be delivered for more than 4 hour(s).
It will be retried until it is 5 day(s) old.

<purchasing@buyer.example>: connect to mx.buyer.example[192.0.2.25]:25: Connection timed out`,
  }),
  plain('l_human_postmaster', {
    from: 'Office <office@buyer.example>',
    subject: 'Re: Undeliverable: Fewer spreadsheets',
    headers: 'In-Reply-To: <0b6f1d2c9a@mail.ours.example>',
    text: 'Your mail could not be delivered because the mailbox moved. Please write to me instead, we are interested.',
  }),
  sample(
    'l_arf_without_blank_text',
    `From: complaints@provider.example
To: abuse@ours.example
Subject: Abuse Report
Content-Type: multipart/report; report-type=feedback-report; boundary=f

--f
Content-Type: message/feedback-report

Feedback-Type: abuse
Version: 0.1
Original-Rcpt-To: purchasing@buyer.example
--f
Content-Type: text/rfc822-headers

${OUR_HEADERS}
--f--
`,
  ),
  sample(
    'l_arf_virus',
    `From: complaints@provider.example
To: abuse@ours.example
Subject: Report
Content-Type: multipart/report; report-type=feedback-report; boundary=f

--f
Content-Type: message/feedback-report

Feedback-Type: virus
Version: 1
--f--
`,
  ),
  plain('l_person_complains', {
    from: 'Marketing lead <marketing@buyer.example>',
    subject: 'Re: Fewer spreadsheets in your membership renewal',
    headers: 'In-Reply-To: <0b6f1d2c9a@mail.ours.example>',
    text: 'This is spam. Stop emailing me.',
  }),
];

/** Machine-readable delivery reports. */
import { report } from './building.ts';

const POSTFIX = {
  from: 'MAILER-DAEMON@mx1.ours.example (Mail Delivery System)',
  subject: 'Undelivered Mail Returned to Sender',
};

function postfix(
  name: string,
  action: string,
  status: string,
  said: string,
  to = 'purchasing@buyer.example',
) {
  return report(name, {
    ...POSTFIX,
    told: `This is the mail system at host mx1.ours.example.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

For further assistance, please send mail to postmaster.

                   The mail system

<${to}>: ${said}`,
    status: `Reporting-MTA: dns; mx1.ours.example
X-Postfix-Queue-ID: 4c8xKz1
X-Postfix-Sender: rfc822; sales@ours.example
Arrival-Date: Mon, 27 Jul 2026 09:00:02 +0200 (CEST)

Final-Recipient: rfc822; ${to}
Original-Recipient: rfc822;${to}
Action: ${action}
Status: ${status}
Remote-MTA: dns; mx.buyer.example
Diagnostic-Code: smtp; ${said}`,
    returned: 'whole',
  });
}

function exchange(name: string, status: string, said: string, told: string) {
  return report(name, {
    from: '"Microsoft Outlook" <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@buyer.example>',
    subject: 'Undeliverable: Fewer spreadsheets in your membership renewal',
    headers: 'X-MS-Exchange-Message-Is-Ndr:\nContent-Language: en-US',
    told,
    status: `Reporting-MTA: dns;AM0PR04MB0001.eurprd04.prod.outlook.example
Received-From-MTA: dns;mail.ours.example
Arrival-Date: Mon, 27 Jul 2026 07:00:05 +0000

Final-Recipient: rfc822;purchasing@buyer.example
Action: failed
Status: ${status}
Diagnostic-Code: smtp;${said}`,
    returned: 'whole',
    boundary: '_abcd0123-4567_',
  });
}

function gmail(name: string, action: string, status: string, said: string, subject: string) {
  return report(name, {
    from: 'Mail Delivery Subsystem <mailer-daemon@gmail.example>',
    subject,
    headers: 'X-Failed-Recipients: purchasing@buyer.example',
    told: `** ${subject} **

Your message to purchasing@buyer.example had a problem.

The response was:
${said}`,
    status: `Reporting-MTA: dns; gmail.example
Arrival-Date: Mon, 27 Jul 2026 00:00:04 -0700 (PDT)
X-Original-Message-ID: <0b6f1d2c9a@mail.ours.example>

Final-Recipient: rfc822; purchasing@buyer.example
Action: ${action}
Status: ${status}
Remote-MTA: dns; mx.buyer.example. (192.0.2.25, the server for the domain buyer.example.)
Diagnostic-Code: smtp; ${said}
Last-Attempt-Date: Mon, 27 Jul 2026 00:00:05 -0700 (PDT)`,
    boundary: '000000000000a1b2c3',
  });
}

export const reported = [
  postfix(
    'postfix_unknown_user',
    'failed',
    '5.1.1',
    '550 5.1.1 <purchasing@buyer.example>: Recipient address rejected: User unknown in virtual mailbox table',
  ),
  postfix(
    'postfix_mailbox_full',
    'failed',
    '5.2.2',
    '552 5.2.2 <purchasing@buyer.example>: user is over quota',
  ),
  postfix('postfix_disabled', 'failed', '5.2.1', '550 5.2.1 mailbox disabled, not accepting messages'),
  postfix(
    'postfix_host_not_found',
    'failed',
    '5.4.4',
    'Host or domain name not found. Name service error for name=buyer.example type=AAAA: Host not found',
  ),
  postfix(
    'postfix_expired',
    'failed',
    '4.4.1',
    'connect to mx.buyer.example[192.0.2.25]:25: Connection timed out',
  ),
  postfix(
    'postfix_spam',
    'failed',
    '5.7.1',
    '554 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using zen.example',
  ),
  postfix('postfix_vague_unknown', 'failed', '5.0.0', '550 No such user here'),
  postfix('postfix_vague_policy', 'failed', '5.0.0', '554 Message rejected because of spam content'),
  postfix('postfix_vague_full', 'failed', '5.0.0', '552 Mailbox quota exceeded'),
  postfix('postfix_null_mx', 'failed', '5.1.10', 'Domain buyer.example does not accept mail (nullMX)'),
  postfix(
    'postfix_too_large',
    'failed',
    '5.3.4',
    'message size 31457280 exceeds size limit 10485760 of server mx.buyer.example',
  ),
  postfix(
    'postfix_delayed',
    'delayed',
    '4.4.1',
    'connect to mx.buyer.example[192.0.2.25]:25: Connection refused',
  ),
  postfix('postfix_delivered', 'delivered', '2.0.0', '250 2.0.0 Ok: queued as 4c8x1'),
  postfix('postfix_relayed', 'relayed', '2.0.0', '250 2.0.0 Ok'),
  postfix(
    'postfix_sender_refused',
    'failed',
    '5.1.8',
    '550 5.1.8 <sales@ours.example>: Sender address rejected: Domain not found',
  ),
  exchange(
    'exchange_not_found',
    '5.1.10',
    '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient purchasing@buyer.example not found by SMTP address lookup',
    "Your message to purchasing@buyer.example couldn't be delivered.\n\npurchasing wasn't found at buyer.example.",
  ),
  exchange(
    'exchange_access_denied',
    '5.4.1',
    '550 5.4.1 Recipient address rejected: Access denied. AS(201806281)',
    "Your message to purchasing@buyer.example couldn't be delivered.",
  ),
  exchange(
    'exchange_not_permitted',
    '5.7.133',
    '550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required; Delivery restriction check failed',
    "Your message couldn't be delivered. The group only accepts messages from people in its organization.",
  ),
  exchange(
    'exchange_full',
    '5.2.2',
    '554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException',
    "The recipient's mailbox is full and can't accept messages now.",
  ),
  exchange(
    'exchange_expired',
    '5.4.316',
    '550 5.4.316 Message expired, connection refused(Socket error code 10061)',
    "Your message couldn't be delivered. The server could not be reached.",
  ),
  exchange(
    'exchange_no_domain',
    '5.4.310',
    '550 5.4.310 DNS domain buyer.example does not exist [Message=InfoDomainNonexistent]',
    "Your message couldn't be delivered. The domain does not exist.",
  ),
  gmail(
    'gmail_not_found',
    'failed',
    '5.1.1',
    '550 5.1.1 The email account that you tried to reach does not exist. Please try double-checking the address.',
    'Delivery Status Notification (Failure)',
  ),
  gmail(
    'gmail_over_quota',
    'failed',
    '5.2.2',
    '552 5.2.2 The email account that you tried to reach is over quota.',
    'Delivery Status Notification (Failure)',
  ),
  gmail(
    'gmail_delay',
    'delayed',
    '4.4.1',
    'The recipient server did not accept our requests to connect.',
    'Delivery Status Notification (Delay)',
  ),
  gmail(
    'gmail_dmarc',
    'failed',
    '5.7.26',
    "550 5.7.26 Unauthenticated email from ours.example is not accepted due to domain's DMARC policy.",
    'Delivery Status Notification (Failure)',
  ),
  report('exim_vague', {
    from: 'Mail Delivery System <Mailer-Daemon@relay.example>',
    subject: 'Mail delivery failed: returning message to sender',
    headers: 'X-Failed-Recipients: purchasing@buyer.example',
    told: `This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  purchasing@buyer.example
    host mx.buyer.example [192.0.2.25]
    SMTP error from remote mail server after RCPT TO:<purchasing@buyer.example>:
    550 5.1.1 unknown recipient`,
    status: `Reporting-MTA: dns; relay.example

Action: failed
Final-Recipient: rfc822;purchasing@buyer.example
Status: 5.0.0
Remote-MTA: dns; mx.buyer.example
Diagnostic-Code: smtp; 550 5.1.1 unknown recipient`,
  }),
  report('sendmail_several', {
    from: 'Mail Delivery Subsystem <MAILER-DAEMON@relay.example>',
    subject: 'Returned mail: see transcript for details',
    told: `The original message was received at Mon, 27 Jul 2026 09:00:02 +0200

   ----- The following addresses had permanent fatal errors -----
<purchasing@buyer.example>
    (reason: 550 5.1.1 <purchasing@buyer.example>... User unknown)
<office@buyer.example>
    (reason: 552 5.2.2 Over quota)`,
    status: `Reporting-MTA: dns; relay.example
Received-From-MTA: DNS; mail.ours.example

Final-Recipient: RFC822; purchasing@buyer.example
Action: failed
Status: 5.1.1
Diagnostic-Code: SMTP; 550 5.1.1 <purchasing@buyer.example>... User unknown

Final-Recipient: RFC822; office@buyer.example
Action: failed
Status: 5.2.2
Diagnostic-Code: SMTP; 552 5.2.2 Over quota

Final-Recipient: RFC822; press@buyer.example
Action: delivered
Status: 2.0.0`,
  }),
];

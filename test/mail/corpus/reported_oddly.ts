/** Reports with several recipients, and reports that follow the format loosely. */
import { report } from './building.ts';

export const reported_oddly = [
  report('failed_and_delayed', {
    from: 'MAILER-DAEMON@mx1.ours.example (Mail Delivery System)',
    subject: 'Undelivered Mail Returned to Sender',
    told: 'One recipient failed, another is delayed.',
    status: `Reporting-MTA: dns; mx1.ours.example

Final-Recipient: rfc822; office@buyer.example
Action: delayed
Status: 4.2.0

Final-Recipient: rfc822; purchasing@buyer.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 unknown`,
  }),
  report('ses_forwarded_address', {
    from: 'MAILER-DAEMON@eu-west-1.amazonses.example',
    subject: 'Delivery Status Notification (Failure)',
    told: 'An error occurred while trying to deliver the mail to the following recipients:\npurchasing@buyer.example',
    status: `Reporting-MTA: dns; a7-20.smtp-out.amazonses.example

Action: failed
Original-Recipient: rfc822; purchasing@buyer.example
Final-Recipient: rfc822; p.archive@hosted.example
Diagnostic-Code: smtp; 550 5.1.1 user unknown
Status: 5.1.1`,
    returned: 'whole',
  }),
  report('no_blank_line_between_groups', {
    from: 'MAILER-DAEMON@mx1.ours.example (Mail Delivery System)',
    subject: 'Undelivered Mail Returned to Sender',
    told: 'Delivery failed.',
    status: `Reporting-MTA: dns; odd.example
Final-Recipient: rfc822; purchasing@buyer.example
Action: failed (user unknown)
Status: 5.1.1 (bad destination mailbox address)
Final-Recipient: rfc822; <office@buyer.example>
Action: Failed
Status: 5.2.2`,
  }),
  report('status_folded_and_cased', {
    from: 'postmaster@buyer.example',
    subject: '=?utf-8?B?VW56dXN0ZWxsYmFyOiBGZXdlciBzcHJlYWRzaGVldHM=?=',
    told: 'Ihre Nachricht konnte nicht zugestellt werden.',
    status: `REPORTING-MTA: dns;
 mx.buyer.example

FINAL-RECIPIENT: RFC822;
 PURCHASING@Buyer.Example
ACTION: FAILED
STATUS: 5.1.1
DIAGNOSTIC-CODE: SMTP;
 550 5.1.1
 unknown`,
    returned: 'none',
  }),
];

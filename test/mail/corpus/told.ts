/** Failures and delays reported in words only. */
import { OURS, plain } from './building.ts';

const QMAIL_OPENING = `Hi. This is the qmail-send program at relay.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.
`;
const NULL_PATH = 'Return-Path: <>';
const qmail = { from: 'MAILER-DAEMON@relay.example', subject: 'failure notice', headers: NULL_PATH };

export const told = [
  plain('qmail_no_mailbox', {
    ...qmail,
    text: `${QMAIL_OPENING}
<purchasing@buyer.example>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

${OURS}`,
  }),
  plain('qmail_remote_full', {
    ...qmail,
    text: `${QMAIL_OPENING}
<purchasing@buyer.example>:
192.0.2.25 failed after I sent the message.
Remote host said: 552 5.2.2 Mailbox is full

--- Below this line is a copy of the message.

${OURS}`,
  }),
  plain('qmail_two', {
    ...qmail,
    text: `${QMAIL_OPENING}
<purchasing@buyer.example>:
192.0.2.25 does not like recipient.
Remote host said: 550 5.1.1 User unknown
Giving up on 192.0.2.25.

<office@buyer.example>:
192.0.2.25 does not like recipient.
Remote host said: 550 5.7.1 blocked by policy
Giving up on 192.0.2.25.

--- Below this line is a copy of the message.

${OURS}`,
  }),
  plain('qmail_connect', {
    ...qmail,
    text: `${QMAIL_OPENING}
<purchasing@buyer.example>:
Sorry, I wasn't able to establish an SMTP connection. (#4.4.1)
I'm not going to try again; this message has been in the queue too long.

--- Below this line is a copy of the message.

${OURS}`,
  }),
  plain('sendmail_warning', {
    from: 'Mail Delivery Subsystem <MAILER-DAEMON@relay.example>',
    subject: 'Warning: could not send message for past 4 hours',
    headers: NULL_PATH,
    text: `    **********************************************
    **      THIS IS A WARNING MESSAGE ONLY      **
    **  YOU DO NOT NEED TO RESEND YOUR MESSAGE  **
    **********************************************

The original message was received at Mon, 27 Jul 2026 05:00:02 +0200

   ----- Transcript of session follows -----
<purchasing@buyer.example>... Deferred: Connection timed out with mx.buyer.example.
Warning: message still undelivered after 4 hours
Will keep trying until message is 5 days old`,
  }),
  plain('sendmail_old', {
    from: 'Mail Delivery Subsystem <MAILER-DAEMON@relay.example>',
    subject: 'Returned mail: User unknown',
    text: `The original message was received at Mon, 27 Jul 2026 09:00:02 +0200
from mail.ours.example [192.0.2.10]

   ----- The following addresses had permanent fatal errors -----
<purchasing@buyer.example>

   ----- Transcript of session follows -----
... while talking to mx.buyer.example.:
>>> RCPT To:<purchasing@buyer.example>
<<< 550 <purchasing@buyer.example>... User unknown
550 <purchasing@buyer.example>... User unknown`,
  }),
  plain('exchange_old_ndr', {
    from: 'System Administrator <postmaster@buyer.example>',
    subject: 'Undeliverable: Fewer spreadsheets in your membership renewal',
    text: `Your message

  To:      Purchasing
  Subject: Fewer spreadsheets in your membership renewal
  Sent:    Mon, 27 Jul 2026 09:00:00 +0200

did not reach the following recipient(s):

purchasing@buyer.example on Mon, 27 Jul 2026 09:00:09 +0200
    The e-mail account does not exist at the organization this message was sent to.
    The MTS-ID of the original message is: c=us;a= ;p=buyer;l=MAIL-1
    <mx.buyer.example #5.1.1>`,
  }),
  plain('gmail_address_not_found', {
    from: 'Mail Delivery Subsystem <mailer-daemon@gmail.example>',
    subject: 'Delivery Status Notification (Failure)',
    headers: `${NULL_PATH}\nAuto-Submitted: auto-replied`,
    text: `** Address not found **

Your message wasn't delivered to purchasing@buyer.example because the address couldn't be found, or is unable to receive mail.

Learn more here: https://support.gmail.example/mail/?p=NoSuchUser

The response was:

550 5.1.1 The email account that you tried to reach does not exist.`,
  }),
  plain('gmail_delivery_incomplete', {
    from: 'Mail Delivery Subsystem <mailer-daemon@gmail.example>',
    subject: 'Delivery Status Notification (Delay)',
    headers: NULL_PATH,
    text: `** Delivery incomplete **

There was a temporary problem delivering your message to purchasing@buyer.example. Gmail will retry for 46 more hours. You'll be notified if the delivery fails permanently.`,
  }),
  plain('yahoo_no_account', {
    from: 'MAILER-DAEMON@yahoo.example',
    subject: 'Failure Notice',
    headers: NULL_PATH,
    text: `Sorry, we were unable to deliver your message to the following address.

<purchasing@buyer.example>:
554: delivery error: dd This user doesn't have a buyer.example account (purchasing@buyer.example) [0]

--------- Original message begins below this line ----------

${OURS}`,
  }),
  plain('yahoo_policy', {
    from: 'MAILER-DAEMON@yahoo.example',
    subject: 'Failure Notice',
    text: `Sorry, we were unable to deliver your message to the following address.

<purchasing@buyer.example>:
554: 5.7.9 Message not accepted for policy reasons.`,
  }),
  plain('gmx_unknown', {
    from: '"GMX Mailer Daemon" <mailer-daemon@gmx.example>',
    subject: 'Mail delivery failed: returning message to sender',
    headers: NULL_PATH,
    text: `This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of
its recipients. This is a permanent error. The following address
failed:

purchasing@buyer.example:
SMTP error from remote server for RCPT TO command, host: mx.buyer.example (192.0.2.25) reason: 550
Requested action not taken: mailbox unavailable

--- The header of the original message is following. ---

${OURS}`,
  }),
  plain('webde_german', {
    from: 'WEB.DE Mailer Daemon <mailer-daemon@webde.example>',
    subject: 'Unzustellbar: Fewer spreadsheets in your membership renewal',
    headers: NULL_PATH,
    text: `Diese Nachricht wurde automatisch erstellt.

Ihre E-Mail konnte nicht zugestellt werden. Der folgende Empfänger ist betroffen:

purchasing@buyer.example:
Der Empfänger ist unbekannt (Grund: 550 user unknown)

Der Header der ursprünglichen Nachricht folgt:

${OURS}`,
  }),
  plain('german_full', {
    from: 'Mail Delivery System <MAILER-DAEMON@post.example>',
    subject: 'Unzustellbare Nachricht',
    headers: NULL_PATH,
    text: `Ihre Nachricht an <purchasing@buyer.example> konnte nicht zugestellt werden.

Grund: Das Postfach des Empfängers ist voll.`,
  }),
  plain('german_delay', {
    from: 'Mail Delivery System <MAILER-DAEMON@post.example>',
    subject: 'Zustellung verzögert',
    headers: NULL_PATH,
    text: `Ihre Nachricht an <purchasing@buyer.example> wurde noch nicht zugestellt.

Weitere Zustellversuche folgen. Sie müssen nichts tun.`,
  }),
  plain('postfix_text_only', {
    from: 'MAILER-DAEMON@mx1.ours.example (Mail Delivery System)',
    subject: 'Undelivered Mail Returned to Sender',
    headers: NULL_PATH,
    text: `This is the mail system at host mx1.ours.example.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

For further assistance, please send mail to <postmaster@mx1.ours.example>

<purchasing@buyer.example>: host mx.buyer.example[192.0.2.25] said: 550 5.1.1
    <purchasing@buyer.example>: Recipient address rejected: User unknown (in
    reply to RCPT TO command)`,
  }),
  plain('office365_text_only', {
    from: 'Microsoft Outlook <postmaster@buyer.example>',
    subject: 'Undeliverable: Fewer spreadsheets',
    headers: NULL_PATH,
    text: `Your message to purchasing@buyer.example couldn't be delivered.

purchasing wasn't found at buyer.example.

Original Message Details
Created Date: 7/27/2026 7:00:00 AM
Sender Address: sales@ours.example
Recipient Address: purchasing@buyer.example

Error Details
Reported error: 550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup`,
  }),
  plain('daemon_but_no_failure', {
    from: 'Postmaster <postmaster@buyer.example>',
    subject: 'Weekly mail statistics',
    text: 'Messages accepted: 10,112\nMessages quarantined: 48',
  }),
  plain('quarantine_notice', {
    from: 'Mail Security <postmaster@security.buyer.example>',
    subject: 'Your quarantine summary',
    headers: 'Auto-Submitted: auto-generated',
    text: 'You have 3 new messages in quarantine. Review them in the portal.',
  }),
];

/** Failures and delays in the words of Exim. */
import { OURS, plain } from './building.ts';

const NULL_PATH = 'Return-Path: <>';
const exim = {
  from: 'Mail Delivery System <Mailer-Daemon@relay.example>',
  subject: 'Mail delivery failed: returning message to sender',
};

export const told_by_exim = [
  plain('exim_unrouteable', {
    ...exim,
    headers: `${NULL_PATH}\nX-Failed-Recipients: purchasing@buyer.example\nAuto-Submitted: auto-replied`,
    text: `This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  purchasing@buyer.example
    Unrouteable address

------ This is a copy of the message, including all the headers. ------

${OURS}`,
  }),
  plain('exim_retry_timeout', {
    ...exim,
    headers: `${NULL_PATH}\nX-Failed-Recipients: purchasing@buyer.example`,
    text: `This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  purchasing@buyer.example
    host mx.buyer.example [192.0.2.25]
    retry timeout exceeded

------ This is a copy of the message, including all the headers. ------

${OURS}`,
  }),
  plain('exim_no_header', {
    ...exim,
    headers: NULL_PATH,
    text: `This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  purchasing@buyer.example
    SMTP error from remote mail server after RCPT TO:<purchasing@buyer.example>:
    host mx.buyer.example [192.0.2.25]: 550 no such recipient

------ This is a copy of the message, including all the headers. ------

${OURS}`,
  }),
  plain('exim_spam', {
    ...exim,
    headers: `${NULL_PATH}\nX-Failed-Recipients: purchasing@buyer.example`,
    text: `This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  purchasing@buyer.example
    SMTP error from remote mail server after end of data:
    host mx.buyer.example [192.0.2.25]: 554 message rejected as spam by content filter

${OURS}`,
  }),
  plain('exim_warning', {
    from: 'Mail Delivery System <Mailer-Daemon@relay.example>',
    subject: 'Warning: message 1kAbCd-0001 delayed 24 hours',
    headers: NULL_PATH,
    text: `This message was created automatically by mail delivery software.
A message that you sent has not yet been delivered to one or more of its
recipients after more than 24 hours on the queue on relay.example.

The address to which the message has not yet been delivered is:

  purchasing@buyer.example

No action is required on your part. Delivery attempts will continue for
some time, and this warning may be repeated at intervals if the message
remains undelivered.`,
  }),
];

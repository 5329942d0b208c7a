/** Complaints, and messages that look like them. */
import { OURS, plain, type Sample, sample } from './building.ts';

function feedback(name: string, type: string, fields: string, returned = OURS): Sample {
  return sample(
    name,
    `Return-Path: <>
From: Feedback Loop <fbl@provider.example>
To: sales@ours.example
Subject: FW: Fewer spreadsheets in your membership renewal
Date: Mon, 27 Jul 2026 12:00:00 +0000
Message-ID: <${name}@provider.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report;
 boundary="fbl_1"

--fbl_1
Content-Type: text/plain; charset="US-ASCII"
Content-Transfer-Encoding: 7bit

This is an email abuse report for an email message received from IP
192.0.2.10 on Mon, 27 Jul 2026 07:00:00 +0000.

--fbl_1
Content-Type: message/feedback-report

Feedback-Type: ${type}
User-Agent: ProviderFBL/1.0
Version: 1
${fields}

--fbl_1
Content-Type: message/rfc822
Content-Disposition: inline

${returned}
--fbl_1--
`,
  );
}

const NAMED = 'Original-Mail-From: <sales@ours.example>\nOriginal-Rcpt-To: <purchasing@buyer.example>';

export const complaints = [
  feedback('arf_abuse', 'abuse', NAMED),
  feedback('arf_abuse_capital', 'Abuse', NAMED),
  feedback('arf_fraud', 'fraud', NAMED),
  feedback('arf_opt_out', 'opt-out', 'Removal-Recipient: purchasing@buyer.example'),
  feedback('arf_recipient_from_message', 'abuse', 'Source-IP: 192.0.2.10'),
  feedback(
    'arf_redacted',
    'abuse',
    'Source-IP: 192.0.2.10',
    OURS.replaceAll('purchasing@', 'redacted-address@'),
  ),
  feedback(
    'arf_two',
    'abuse',
    'Original-Rcpt-To: <purchasing@buyer.example>\nOriginal-Rcpt-To: <office@buyer.example>',
  ),
  feedback('arf_not_spam', 'not-spam', NAMED),
  feedback('arf_auth_failure', 'auth-failure', NAMED),
  sample(
    'outlook_jmrp',
    `From: staff@outlook.example
To: sales@ours.example
Subject: complaint about message from 192.0.2.10
Date: Mon, 27 Jul 2026 12:00:00 +0000
Message-ID: <jmrp@outlook.example>
X-HmXmrOriginalRecipient: purchasing@buyer.example
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="jm"

--jm
Content-Type: message/rfc822
Content-Disposition: inline

${OURS}
--jm--
`,
  ),
  plain('ses_notification', {
    from: 'AWS Notifications <no-reply@sns.amazonaws.example>',
    subject: 'Amazon SES Email Event Notification',
    text: `{"notificationType":"Complaint","complaint":{"complainedRecipients":[{"emailAddress":"purchasing@buyer.example"}],"complaintFeedbackType":"abuse"},"mail":{"messageId":"0102"}}

--
If you wish to stop receiving notifications from this topic, please visit the console.`,
  }),
  plain('ses_delivery_notification', {
    from: 'AWS Notifications <no-reply@sns.amazonaws.example>',
    subject: 'Amazon SES Email Event Notification',
    headers: 'Auto-Submitted: auto-generated',
    text: '{"notificationType":"Delivery","delivery":{"recipients":["purchasing@buyer.example"]}}',
  }),
  plain('abuse_report_in_words', {
    from: 'Feedback Loop <fbl@provider.example>',
    subject: 'Abuse report',
    text: `This is an email abuse report for an email message received from IP 192.0.2.10.

Message-ID: <0b6f1d2c9a@mail.ours.example>
To: purchasing@buyer.example
Subject: Fewer spreadsheets in your membership renewal`,
  }),
  plain('reply_that_mentions_spam', {
    from: 'Marketing lead <marketing@buyer.example>',
    subject: 'Re: Fewer spreadsheets in your membership renewal',
    headers: 'In-Reply-To: <0b6f1d2c9a@mail.ours.example>',
    text: 'Your message went to my spam folder, I only saw it now. What does it cost?',
  }),
];

/** Renders a labeled report in the layout of the server that writes it. */
import { OUR_HEADERS, OURS } from '../../mail/corpus/building.ts';
import type { ReportCase } from './cases.ts';
import { ADDRESS, LAYOUT, type Written } from './layouts.ts';

export function rendered(of: ReportCase): Buffer {
  const written = LAYOUT[of.layout](of);
  const text = of.status === null || isInWords(of) ? inWords(written) : standard(of, written);
  return Buffer.from(text.replaceAll('\n', '\r\n'));
}

/** Exim and the text layouts write no fields for machines, or lose them on the way. */
function isInWords({ layout, digits }: ReportCase): boolean {
  return layout === 'm365_text' || (layout === 'exim' && digits[1]! % 2 === 0);
}

/** RFC 3464. */
function standard({ status, words, digits, layout }: ReportCase, of: Written): string {
  const boundary = `=_${digits[2]}.${digits[3]}`;
  const folded = words.replaceAll('\n', ' ').replace(/(.{60,75}) /g, '$1\n    ');
  const original = digits[4]! % 2 === 0 ? `Original-Recipient: rfc822;${ADDRESS}\n` : '';
  const kind = folded.startsWith('smtp;')
    ? ''
    : layout === 'exim' || layout === 'mailgun'
      ? 'smtp;'
      : 'smtp; ';
  const returned =
    digits[5]! % 2 === 0
      ? `Content-Type: message/rfc822\n\n${OURS}`
      : `Content-Type: text/rfc822-headers\n\n${OUR_HEADERS}`;
  return `${top(of)}Content-Type: multipart/report; report-type=delivery-status;
	boundary="${boundary}"

--${boundary}
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

${of.told}

--${boundary}
Content-Type: message/delivery-status

Reporting-MTA: dns; mx1.ours.example
Arrival-Date: Mon, 27 Jul 2026 09:00:02 +0200

${original}Final-Recipient: rfc822;${ADDRESS}
Action: failed
Status: ${status}
Remote-MTA: dns; mx.buyer.example
Diagnostic-Code: ${kind}${folded}

--${boundary}
${returned}
--${boundary}--
`;
}

function inWords(of: Written): string {
  return `${top(of)}Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

${of.told}
`;
}

function top({ from, subject, headers }: Written): string {
  const encoded = /^[\x20-\x7e]*$/.test(subject)
    ? subject
    : `=?utf-8?B?${Buffer.from(subject).toString('base64')}?=`;
  return `Return-Path: <>
${headers === undefined ? '' : `${headers}\n`}From: ${from}
To: sales@ours.example
Subject: ${encoded}
Date: Mon, 27 Jul 2026 09:12:00 +0200
Auto-Submitted: auto-replied
MIME-Version: 1.0
`;
}

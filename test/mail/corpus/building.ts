/** Builds messages in the format of servers and mail programs from the few parts that differ. */

/** `own`: the sender's own words, if the message is a reply. */
export type Sample = { name: string; source: Buffer; own?: string };

/** Monday, 27 July 2026. */
const SENT_ON = 'Mon, 27 Jul 2026 09:12:00 +0200';

/** Our message, as reports return it. */
export const OURS = `Return-Path: <sales@ours.example>
Received: from mail.ours.example (mail.ours.example [192.0.2.10])
	by mx.buyer.example with ESMTPS id 4c8x1
	for <purchasing@buyer.example>; Mon, 27 Jul 2026 09:00:03 +0200 (CEST)
Message-ID: <0b6f1d2c9a@mail.ours.example>
Date: Mon, 27 Jul 2026 07:00:00 +0000
From: "Sales at Ours" <sales@ours.example>
To: Purchasing <purchasing@buyer.example>
Subject: Fewer spreadsheets in your membership renewal
List-Unsubscribe: <https://ours.example/u/abc123>
List-Unsubscribe-Post: List-Unsubscribe=One-Click
X-Touchline-Attempt: 0b6f1d2c9a
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

Hello, may we show you how renewals look without spreadsheets?

---
Ours
1 Main Street
Unsubscribe: https://ours.example/u/abc123
`;

export const OUR_HEADERS = OURS.slice(0, OURS.indexOf('\n\n') + 1);

/** The part of our message that a reply quotes. */
export const OUR_TEXT = OURS.slice(OURS.indexOf('\n\n') + 2).trimEnd();

/** A message as bytes, with CRLF line breaks. */
export function eml(text: string): Buffer {
  return Buffer.from(text.replace(/^\n/, '').replaceAll('\r\n', '\n').replaceAll('\n', '\r\n'));
}

export function sample(name: string, text: string, own?: string): Sample {
  return { name, source: eml(text), ...(own === undefined ? {} : { own }) };
}

export type Report = {
  from: string;
  subject: string;
  /** The part for people. */
  told: string;
  /** The fields of message/delivery-status: groups with a blank line between. */
  status: string;
  /** Without it, the headers of what we sent. */
  returned?: 'whole' | 'headers' | 'none';
  headers?: string;
  boundary?: string;
};

/** A delivery report (RFC 3464). */
export function report(name: string, of: Report): Sample {
  const boundary = of.boundary ?? '=_report_7f31';
  const whole = of.returned === 'whole';
  const returned = whole
    ? `--${boundary}\nContent-Type: message/rfc822\n\n${OURS}\n`
    : `--${boundary}\nContent-Type: text/rfc822-headers\n\n${OUR_HEADERS}\n`;
  return sample(
    name,
    `Return-Path: <>
${of.headers === undefined ? '' : `${of.headers}\n`}From: ${of.from}
To: sales@ours.example
Subject: ${of.subject}
Date: ${SENT_ON}
Message-ID: <report.${name}@mx.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
	boundary="${boundary}"

This is a MIME-encapsulated message.

--${boundary}
Content-Type: text/plain; charset=utf-8

${of.told}

--${boundary}
Content-Type: message/delivery-status

${of.status}

${of.returned === 'none' ? '' : returned}--${boundary}--
`,
  );
}

export type Plain = {
  from: string;
  subject: string;
  text: string;
  headers?: string;
  date?: string;
  to?: string;
  charset?: string;
};

/** A message with one part. */
export function plain(name: string, of: Plain, own?: string): Sample {
  return sample(
    name,
    `${of.headers === undefined ? '' : `${of.headers}\n`}From: ${of.from}
To: ${of.to ?? 'sales@ours.example'}
Subject: ${of.subject}
Date: ${of.date ?? SENT_ON}
Message-ID: <${name}@mail.buyer.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=${of.charset ?? 'utf-8'}
Content-Transfer-Encoding: 8bit

${of.text}
`,
    own,
  );
}

/** A reply to our message, with its threading headers. */
export function answer(name: string, text: string, own: string, of: Partial<Plain> = {}): Sample {
  const threading = 'In-Reply-To: <0b6f1d2c9a@mail.ours.example>\nReferences: <0b6f1d2c9a@mail.ours.example>';
  return plain(
    name,
    {
      from: 'Purchasing <purchasing@buyer.example>',
      subject: 'Re: Fewer spreadsheets in your membership renewal',
      ...of,
      text,
      headers: of.headers === undefined ? threading : `${threading}\n${of.headers}`,
    },
    own,
  );
}

/** An automatic reply in the name of an absent person. */
export function away(name: string, subject: string, text: string, of: Partial<Plain> = {}): Sample {
  return plain(name, {
    from: 'Marketing lead <marketing@buyer.example>',
    headers: 'Auto-Submitted: auto-replied\nIn-Reply-To: <0b6f1d2c9a@mail.ours.example>',
    ...of,
    subject,
    text,
  });
}

/** The quote in a reply, with a sign before each line. */
export function marked(text: string): string {
  return text
    .split('\n')
    .map((line) => `> ${line}`.trimEnd())
    .join('\n');
}

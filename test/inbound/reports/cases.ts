/**
 * The labeled set of delivery reports, in the words of real servers. One line of a text file is one report: `hard`, `soft`, or
 * `policy`, the outer status (`-`: a report in words only), and the server's words; `⏎` is a line break. A heading is the
 * layout. `hard`: the address does not exist, or no longer takes any mail.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

export const LAYOUTS = [
  ...(['postfix', 'exim', 'sendmail', 'qmail', 'exchange', 'm365_text', 'gmail', 'yahoo'] as const),
  ...(['ses', 'sendgrid', 'mailgun', 'postmark', 'proofpoint', 'mimecast', 'barracuda', 'gmx'] as const),
  ...(['mailru', 'yandex', 'icloud', 'zoho', 'german', 'other_languages'] as const),
] as const;
export type ReportLayout = (typeof LAYOUTS)[number];
type ReportLabel = 'hard' | 'soft' | 'policy';

export type ReportCase = {
  layout: ReportLayout;
  label: ReportLabel;
  /** Null: the layout has no fields for machines. */
  status: string | null;
  words: string;
  /** Rules are written on half a, which has all of more_reports.txt; half b only measures them. */
  half: 'a' | 'b';
  digits: readonly number[];
};

const TO = { local: 'purchasing', domain: 'buyer.example' } as const;

export const reports: readonly ReportCase[] = read();

function read(): ReportCase[] {
  return ['reports.txt', 'more_reports.txt'].flatMap(readFile);
}

function readFile(name: string): ReportCase[] {
  const found: ReportCase[] = [];
  let layout: ReportLayout | undefined;
  const text = readFileSync(new URL(`./${name}`, import.meta.url), 'utf8');
  for (const line of text.split('\n').filter((one) => one !== '')) {
    if (line.startsWith('# ')) {
      layout = LAYOUTS.find((one) => one === line.slice(2));
      continue;
    }
    const [, label, status, words] = /^(hard|soft|policy) (\S+) (.+)$/.exec(line) ?? [];
    if (layout === undefined || words === undefined) throw new Error(`${name}: ${line}`);
    const digits = [...createHash('sha256').update(`${layout} ${words}`).digest()];
    found.push({
      ...{ layout, label: label as ReportLabel, status: status === '-' ? null : status!, digits },
      words: words
        .replaceAll('⏎', '\n')
        .replaceAll('{to}', `${TO.local}@${TO.domain}`)
        .replaceAll('{local}', TO.local)
        .replaceAll('{domain}', TO.domain),
      half: name === 'more_reports.txt' || digits[0]! % 2 === 0 ? 'a' : 'b',
    });
  }
  return found;
}

/** Measures the product's reading of the labeled reports. */
import { classifyInbound } from '../../../src/core/inbound/inbound.ts';
import { readMail } from '../../../src/mail/read_mail.ts';
import { type ReportCase, reports } from './cases.ts';
import { rendered } from './rendering.ts';

/** `unread`: a report that is read as something else. */
export type ReadReport = { of: ReportCase; severity: string; is_known: boolean };

export function readReports(half: 'a' | 'b' | 'all'): ReadReport[] {
  return reports.filter((of) => half === 'all' || of.half === half).map(readReport);
}

function readReport(of: ReportCase): ReadReport {
  const mail = readMail(rendered(of));
  if ('fault' in mail) throw new Error(`${of.words}: ${mail.fault}`);
  const told = classifyInbound(mail);
  const [own] = told.kind === 'bounce' ? told.failed : [];
  return { of, severity: own?.severity ?? `unread ${told.kind}`, is_known: own?.cause !== 'unknown' };
}

export type Share = { hits: number; of: number };
export type ReportFigures = { precision: Share; recall: Share; severity_right: Share; lost: Share };

/** `lost`: neither a bounce nor left to a person. */
export function reportFigures(all: readonly ReadReport[]): ReportFigures {
  const said_hard = all.filter(({ severity }) => severity === 'hard');
  const is_hard = all.filter(({ of }) => of.label === 'hard');
  const right = said_hard.filter(({ of }) => of.label === 'hard').length;
  return {
    precision: { hits: right, of: said_hard.length },
    recall: { hits: right, of: is_hard.length },
    severity_right: { hits: all.filter(({ of, severity }) => of.label === severity).length, of: all.length },
    lost: { hits: all.filter(({ severity }) => severity.startsWith('unread')).length, of: all.length },
  };
}

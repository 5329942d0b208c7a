/** All messages of the corpus; `labels.ts` classifies each of them. */
import { absences } from './absences.ts';
import { answers } from './answers.ts';
import { automatic } from './automatic.ts';
import type { Sample } from './building.ts';
import { complaints } from './complaints.ts';
import { hostile } from './hostile.ts';
import { later_absences } from './later_absences.ts';
import { later_answers } from './later_answers.ts';
import { later_reports } from './later_reports.ts';
import { reported } from './reported.ts';
import { reported_oddly } from './reported_oddly.ts';
import { told } from './told.ts';
import { told_by_exim } from './told_by_exim.ts';

export const corpus: readonly Sample[] = [
  ...reported,
  ...reported_oddly,
  ...told,
  ...told_by_exim,
  ...complaints,
  ...absences,
  ...automatic,
  ...answers,
  ...hostile,
  ...later_reports,
  ...later_absences,
  ...later_answers,
];

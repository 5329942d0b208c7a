import { z } from 'zod';
import { isTimeZone } from '../../core/gate/schedule.ts';
import { isLinkedinProfile } from '../../core/gate/unreachable.ts';
import { ICP_TIER_VALUES } from '../../schema.gen.ts';
import { headerLine } from '../fields.ts';

/** Fields that leads and accounts share, as a patch may set them; null clears. */
export function clearableText(max: number) {
  return text(max).nullable().optional();
}

/** Templates may quote it in a subject. */
export const text = headerLine;

export const icpTier = z.enum(ICP_TIER_VALUES).nullable().optional();

export const timeZone = z
  .string()
  .max(100)
  .refine(isTimeZone, 'expected an IANA name such as Europe/Berlin')
  .nullable()
  .optional();

export const NOT_LINKEDIN = 'expected an address under linkedin.com';

/** Only the web's own schemes: the address becomes a link. */
export const linkedinAddress = z
  .url({ protocol: /^https?$/, hostname: z.regexes.domain })
  .max(2_000)
  .refine(isLinkedinProfile, NOT_LINKEDIN)
  .nullable()
  .optional();

const SIGNALS_MAX = 100;

/** What a lead has shown interest by: short words such as pricing_page, each once. */
export const intentSignals = z
  .array(text(100), `expected a list of words`)
  .max(SIGNALS_MAX, `at most ${SIGNALS_MAX} signals`)
  .refine((words) => new Set(words).size === words.length, 'an entry is given twice');

export const searchText = z.string().trim().max(200).optional();

/** A key that begins with what is sought stands from `q_from` on and before `q_to`, in the order of code points. */
export function searchRange(q: string): { q_from: string; q_to: string } {
  return { q_from: q, q_to: `${q}${LAST_CODE_POINT}` };
}

/** Stands for no character and stays what it is in lower case, so the bound may be lowered after it was made. */
const LAST_CODE_POINT = '\u{10FFFF}';

import type { AssignmentRule } from '../api/schema.d.ts';

type Tier = AssignmentRule['icp_tiers'][number];

/** A rule as typed: lists of words are texts, separated by commas. */
export type RuleDraft = {
  key: string;
  id: string | null;
  icp_tiers: readonly Tier[];
  segments: string;
  countries: string;
  assignees: readonly { id: string; name: string }[];
};

export const TIERS = ['T1', 'T2', 'T3'] as const satisfies readonly Tier[];

export const NEW_RULE = (): RuleDraft => ({
  key: crypto.randomUUID(),
  id: null,
  icp_tiers: [],
  segments: '',
  countries: '',
  assignees: [],
});

export function draftOf({ id, icp_tiers, segments, countries, assignees }: AssignmentRule): RuleDraft {
  return {
    key: id,
    id,
    icp_tiers,
    segments: segments.join(', '),
    countries: countries.join(', '),
    assignees,
  };
}

export function bodyOf({ id, icp_tiers, segments, countries, assignees }: RuleDraft) {
  return {
    ...(id === null ? {} : { id }),
    icp_tiers: [...icp_tiers],
    segments: wordsOf(segments),
    countries: wordsOf(countries),
    assignee_user_ids: assignees.map((user) => user.id),
  };
}

function wordsOf(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean);
}

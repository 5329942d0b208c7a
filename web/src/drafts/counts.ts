import { useQuery } from '@tanstack/react-query';
import { cache } from '../api/cache.ts';
import { api, read } from '../api/client.ts';
import type { DraftCounts } from '../api/schema.d.ts';
import { type Scope, shownScope, useScope } from '../ui/scope.tsx';
import { showsDecidable } from './decidable.tsx';
import type { Status } from './entries.ts';

type Counts = DraftCounts;

const keyOf = (scope: Scope) => ['drafts', 'counts', scope] as const;
/** A fallback for missed live changes. */
const REFRESH_MS = 30_000;

const COUNT_OF: Record<Exclude<Status, 'drafted'>, keyof Counts> = {
  approved: 'approved',
  held: 'held',
  sent: 'sent',
  failed: 'failed',
  unknown: 'unknown',
  rejected: 'rejected',
};

const countName = (status: Status): keyof Counts =>
  status === 'drafted' ? (showsDecidable() ? 'decidable' : 'waiting') : COUNT_OF[status];

/** Count for a tab: "12", "1,000+"; undefined for zero and while unknown. */
export function useCounts(): (status: Status, leaving_count?: number) => string | undefined {
  const scope = useScope();
  const counts = useQuery({
    queryKey: keyOf(scope),
    queryFn: () => read(api.GET('/drafts/counts', { params: { query: { scope } } })),
    refetchInterval: REFRESH_MS,
  });
  return (status, leaving_count = 0) => {
    if (counts.data === undefined) return undefined;
    const { counted_to } = counts.data;
    const count = counts.data[countName(status)];
    if (count > counted_to) return `${counted_to.toLocaleString('en')}+`;
    const left = Math.max(0, count - leaving_count);
    return left === 0 ? undefined : left.toLocaleString('en');
  };
}

/** Moves one touch from tab to tab until the server has counted again. */
export function moveCount(from: Status, to: Status): void {
  cache.setQueryData<Counts>(keyOf(shownScope()), (counts) => {
    if (counts === undefined) return counts;
    const less = countName(from);
    const more = countName(to);
    const is_bounded = counts[less] > counts.counted_to;
    return {
      ...counts,
      [less]: is_bounded ? counts[less] : Math.max(0, counts[less] - 1),
      [more]: counts[more] + 1,
    };
  });
}

import { useQuery } from '@tanstack/react-query';
import { api, read } from '../api/client.ts';
import type { AnalyticsSuppressionsOutput } from '../api/schema.d.ts';
import { useNow } from '../sessions/me.ts';
import { DAY_MS, HOUR_MS } from '../ui/durations.ts';
import { Empty } from '../ui/empty.tsx';
import { Failure } from '../ui/failure.tsx';
import { Link } from '../ui/link.tsx';
import { REASONS } from '../ui/reasons.ts';
import { useRoute } from '../ui/route.ts';
import { Tabs } from '../ui/tabs.tsx';
import { logAddress } from './log_filters.tsx';
import { type Bar, SuppressionChart } from './suppression_chart.tsx';

type Counted = AnalyticsSuppressionsOutput['items'];

const SPANS = [7, 30, 90] as const;
const REFRESH_MS = 60_000;

/** Touches that the gates stopped, by day and reason: as a picture, and as a table with links to the events. */
export function SuppressionsView() {
  const { query } = useRoute();
  const days = SPANS.find((span) => String(span) === query.get('days')) ?? 30;
  const now_ms = useNow();
  const hour = now_ms === undefined ? null : Math.ceil(now_ms / HOUR_MS);
  const counted = useQuery({
    // Not under the keys that the stream renews: counting a month after each event would cost much and show nothing
    // new.
    queryKey: ['suppression counts', days, hour],
    queryFn: () => fetchCounts(days, new Date(hour! * HOUR_MS)),
    enabled: hour !== null,
    refetchInterval: REFRESH_MS,
    placeholderData: (before) => before,
  });
  const bars = barsOf(counted.data?.items ?? []);
  return (
    <>
      <Tabs
        label="Period"
        tabs={SPANS.map((span) => ({
          to: `/coordinator/suppressions?days=${span}`,
          label: `Last ${span} days`,
          is_current: span === days,
        }))}
      />
      <Failure error={counted.error} />
      {counted.data === undefined && counted.error === null ? <p className="muted">Loading…</p> : null}
      {counted.data !== undefined && bars.length === 0 ? <Nothing days={days} /> : null}
      {bars.length === 0 || now_ms === undefined ? null : (
        <>
          <SuppressionChart bars={bars} days={days} now_ms={now_ms} />
          <Table bars={bars} />
        </>
      )}
    </>
  );
}

function fetchCounts(days: number, until: Date) {
  const since = new Date(until.getTime() - days * DAY_MS);
  const query = { since: since.toISOString(), until: until.toISOString() };
  return read(api.GET('/analytics/suppressions', { params: { query } }));
}

/** One bar per day with stopped touches, oldest first. */
function barsOf(items: Counted): Bar[] {
  const by_start = new Map<string, Map<string, number>>();
  for (const { start, key, decisions } of items) {
    const day = by_start.get(start) ?? new Map<string, number>();
    day.set(key ?? '', decisions);
    by_start.set(start, day);
  }
  return [...by_start].map(([start, counts]) => ({
    start,
    counts,
    total: [...counts.values()].reduce((sum, count) => sum + count, 0),
  }));
}

/** The same as figures, with links to the events. */
function Table({ bars }: { bars: readonly Bar[] }) {
  const used = REASONS.filter(([reason]) => bars.some(({ counts }) => counts.has(reason)));
  return (
    <div className="table_scroll">
      <table className="by_day">
        <caption>Touches not sent, by day and reason. Retries count again.</caption>
        <thead>
          <tr>
            <th scope="col">Day</th>
            {used.map(([reason, words]) => (
              <th key={reason} scope="col" className="number">
                {words}
              </th>
            ))}
            <th scope="col" className="number">
              All
            </th>
          </tr>
        </thead>
        <tbody>
          {bars.toReversed().map(({ start, counts, total }) => (
            <tr key={start}>
              <th scope="row">{dayName(start)}</th>
              {used.map(([reason]) => (
                <td key={reason} className="number">
                  {counts.has(reason) ? (
                    <Link to={logAddress({ reason, ...dayOf(start) })}>{counts.get(reason)}</Link>
                  ) : (
                    <span className="muted">–</span>
                  )}
                </td>
              ))}
              <td className="number">{total}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Days have 23 to 25 hours. The server's buckets say where the next one starts; 24 hours is near enough. */
function dayOf(start: string): { since: string; until: string } {
  return { since: start, until: new Date(Date.parse(start) + DAY_MS).toISOString() };
}

function dayName(iso: string): string {
  const parts = { weekday: 'short', day: 'numeric', month: 'short' } as const;
  return new Intl.DateTimeFormat('en-US', parts).format(new Date(Date.parse(iso) + DAY_MS / 2));
}

function Nothing({ days }: { days: number }) {
  return (
    <Empty title={`No touches held or blocked in ${days} days`}>
      <p>Touches that a gate holds, queues, or blocks are counted here by day and reason.</p>
    </Empty>
  );
}

import { useQuery } from '@tanstack/react-query';
import { api, read } from '../api/client.ts';
import { Failure } from '../ui/failure.tsx';
import { RULES } from './words.ts';

const REFRESH_MS = 60_000;

type Row = { winner: string; loser_queued_hours: number | null };

/** Conflict matrix of the policy, with each rule's count of uses in the last 30 days. */
export function Matrix() {
  const policy = useQuery({ queryKey: ['policy'], queryFn: () => read(api.GET('/policy')) });
  const counts = useConflictCounts();
  const countOf = (rule: string) => counts.data?.items.find((item) => item.rule === rule)?.decisions ?? 0;
  const rows = RULES.map(([rule, tier, recency, words]) => ({
    rule,
    tier,
    words,
    row: rowOf(policy.data?.document, tier, recency),
  }));
  const refused = countOf('t3_sales');
  return (
    <section>
      <h2>Conflict rules</h2>
      <Failure error={policy.error ?? counts.error} />
      <div className="table_scroll">
        <table className="matrix">
          <caption className="unseen">Conflict rules by tier</caption>
          <thead>
            <tr>
              <th scope="col">Tier</th>
              <th scope="col">Condition</th>
              <th scope="col">Priority</th>
              <th scope="col">Other side waits</th>
              <th scope="col" className="number">
                Last 30 days
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ rule, tier, words, row }) => (
              <tr key={rule}>
                <td>{tier}</td>
                <td>{words}</td>
                <td>
                  <strong>{row === null ? '–' : row.winner === 'sales' ? 'Sales' : 'Marketing'}</strong>
                </td>
                <td>{row === null ? '–' : waitWords(row.loser_queued_hours)}</td>
                <td className="number">{countOf(rule)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {refused === 0 ? null : (
        <p className="muted">
          Sales was also refused {refused === 1 ? 'once' : `${refused} times`} for T3 leads, which belong to
          marketing.
        </p>
      )}
    </section>
  );
}

/** Recent uses of each rule, by rule name. */
function useConflictCounts() {
  return useQuery({
    queryKey: ['conflict counts'],
    queryFn: () => read(api.GET('/analytics/conflicts')),
    refetchInterval: REFRESH_MS,
  });
}

function waitWords(hours: number | null): string {
  return hours === null ? 'until the winner’s enrollment ends' : `${hours} hours`;
}

/** One cell of the policy document, whose shape the API leaves open. */
function rowOf(document: unknown, tier: string, recency: string): Row | null {
  const cell = partOf(partOf(partOf(document, 'conflict_matrix'), tier), recency);
  const winner = partOf(cell, 'winner');
  const hours = partOf(cell, 'loser_queued_hours');
  if (typeof winner !== 'string') return null;
  return { winner, loser_queued_hours: typeof hours === 'number' ? hours : null };
}

function partOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

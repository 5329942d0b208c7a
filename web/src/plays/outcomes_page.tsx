import './plays.css';
import './outcomes.css';
import { useQuery } from '@tanstack/react-query';
import { api, read } from '../api/client.ts';
import { Empty } from '../ui/empty.tsx';
import { Failure } from '../ui/failure.tsx';
import { Link } from '../ui/link.tsx';
import { useRoute } from '../ui/route.ts';
import { Tabs } from '../ui/tabs.tsx';
import { useTitle } from '../ui/title.ts';
import {
  differenceOf,
  MEASURE_WORDS,
  needsOf,
  type Outcome,
  quarterOf,
  rangeOf,
  shownValue,
} from './outcome_words.ts';

const SPANS = [4, 8, 12] as const;

/** Outcomes of people whose play a brain drafted, beside those of other people, as pictures with the figures in them. */
export function OutcomesPage() {
  const { query } = useRoute();
  const quarters = SPANS.find((span) => String(span) === query.get('quarters')) ?? 4;
  const { data, error } = useQuery({
    queryKey: ['outcomes', quarters],
    queryFn: () => read(api.GET('/analytics/outcomes', { params: { query: { quarters } } })),
  });
  useTitle('Outcomes');
  const groups = [...Map.groupBy(data?.items ?? [], ({ quarter }) => quarter)];
  return (
    <div className="page page_wide">
      <p className="crumbs">
        <Link to="/plays">‹ Plays</Link>
      </p>
      <h1>Outcomes with and without a brain</h1>
      <p className="muted">
        People who began with a play that a brain drafted, beside people who began without one: within one
        quarter, sequence type, tier, and segment. Each person counts once and is followed for{' '}
        {data?.follow_up_days ?? 180} days.
      </p>
      <Tabs
        label="Period"
        tabs={SPANS.map((span) => ({
          to: `/plays/outcomes?quarters=${span}`,
          label: `${span} quarters`,
          is_current: span === quarters,
        }))}
      />
      <Failure error={error} />
      {data === undefined && error === null ? <p className="muted">Loading…</p> : null}
      {data !== undefined && groups.length === 0 ? (
        <Empty title="No sequence began in this period.">
          <p>This page compares the outcomes of people once they are enrolled, with plays and without.</p>
        </Empty>
      ) : null}
      {groups.map(([quarter, items]) => (
        <Quarter key={quarter ?? 'all'} quarter={quarter} items={items} />
      ))}
    </div>
  );
}

function Quarter({ quarter, items }: { quarter: string | null; items: readonly Outcome[] }) {
  const id = `outcomes_${quarter ?? 'all'}`;
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{quarter === null ? 'All quarters' : quarterOf(quarter)}</h2>
      {items.some(({ is_provisional }) => is_provisional) ? (
        <p className="muted">Provisional: some of these people are still followed.</p>
      ) : null}
      <div className="table_scroll">
        <table className="outcomes">
          <thead>
            <tr>
              <th scope="col">Measure</th>
              <th scope="col" className="number">
                With a brain
              </th>
              <th scope="col" className="number">
                Without
              </th>
              <th scope="col">Difference, with its 95% interval</th>
            </tr>
          </thead>
          <tbody>
            {items.map((item) => (
              <tr key={item.measure + (item.currency ?? '')}>
                <th scope="row">{MEASURE_WORDS[item.measure]}</th>
                <td className="number">
                  <Label>With a brain</Label>
                  {shownValue(item, item.value_with_brain)} <Counts item={item} counts={item.with_brain} />
                </td>
                <td className="number">
                  <Label>Without</Label>
                  {shownValue(item, item.value_without_brain)}{' '}
                  <Counts item={item} counts={item.without_brain} />
                </td>
                <td>
                  <Difference item={item} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** The column’s name, where the head is hidden. */
function Label({ children }: { children: string }) {
  return (
    <span className="muted outcome_label" aria-hidden="true">
      {children}
    </span>
  );
}

function Counts({ item, counts }: { item: Outcome; counts: Outcome['with_brain'] }) {
  const is_mean = item.measure === 'acv_cents' || item.measure === 'sales_cycle_days';
  const of = counts.people.toLocaleString('en');
  return (
    <span className="muted outcome_counts">
      {is_mean ? `${of} deals` : `${counts.events.toLocaleString('en')} of ${of}`}
    </span>
  );
}

function Difference({ item }: { item: Outcome }) {
  const { difference, lowest, highest } = item;
  if (difference === null || lowest === null || highest === null)
    return <span className="muted">{needsOf(item)}</span>;
  const is_open = lowest <= 0 && highest >= 0;
  return (
    <span className={is_open ? 'outcome_open' : 'outcome_clear'}>
      <Interval lowest={lowest} difference={difference} highest={highest} />
      <span>
        <strong>{differenceOf(item, difference)}</strong> ({rangeOf(item)})
        {is_open ? <span className="muted"> no claim</span> : null}
      </span>
    </span>
  );
}

const WIDTH = 200;
const MIDDLE = WIDTH / 2;

/** The interval beside a line at zero. Each measure has its own unit, so each picture has its own scale. */
function Interval({ lowest, difference, highest }: { lowest: number; difference: number; highest: number }) {
  const most = Math.max(Math.abs(lowest), Math.abs(highest)) * 1.1;
  const x = (value: number) => MIDDLE + (most === 0 ? 0 : (value / most) * MIDDLE);
  return (
    <svg viewBox={`0 0 ${WIDTH} 24`} className="outcome_interval" aria-hidden="true">
      <line className="outcome_zero" x1={MIDDLE} x2={MIDDLE} y1={0} y2={24} />
      <line className="outcome_line" x1={x(lowest)} x2={x(highest)} y1={12} y2={12} />
      <line className="outcome_line" x1={x(lowest)} x2={x(lowest)} y1={7} y2={17} />
      <line className="outcome_line" x1={x(highest)} x2={x(highest)} y1={7} y2={17} />
      <circle className="outcome_dot" cx={x(difference)} cy={12} r={5} />
    </svg>
  );
}

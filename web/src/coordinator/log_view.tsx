import { useEffect } from 'react';
import { useNow } from '../sessions/me.ts';
import { Empty } from '../ui/empty.tsx';
import { Failure } from '../ui/failure.tsx';
import { More } from '../ui/more.tsx';
import { useRoute } from '../ui/route.ts';
import { EventLine } from './event_line.tsx';
import { LogFilterBar, logFiltersOf, logQuery } from './log_filters.tsx';
import { useLog } from './use_log.ts';

/** The whole log, in words. */
export function LogView() {
  const { query } = useRoute();
  const filters = logFiltersOf(query);
  const { pages, events, fresh_count, is_too_many, take, error } = useLog(filters);
  const now_ms = useNow();
  useEffect(() => {
    window.scrollTo(0, 0);
  }, []);
  const showNew = () => {
    take();
    window.scrollTo(0, 0);
  };
  return (
    <>
      <LogFilterBar filters={filters} />
      <Failure error={error} />
      {fresh_count === 0 ? null : (
        <button type="button" className="primary fresh" onClick={showNew}>
          {is_too_many ? `${fresh_count}+` : fresh_count} new
        </button>
      )}
      {pages.is_loading ? <p className="muted">Loading…</p> : null}
      {!pages.is_loading && events.length === 0 ? (
        <Nothing is_filtered={Object.keys(logQuery(filters)).length > 0} />
      ) : null}
      <ul className="log">
        {events.map((event) => (
          <EventLine key={event.id} event={event} now_ms={now_ms} />
        ))}
      </ul>
      <More pages={pages} />
    </>
  );
}

function Nothing({ is_filtered }: { is_filtered: boolean }) {
  return is_filtered ? (
    <Empty title="No matching events">
      <p>Remove a filter to see more.</p>
    </Empty>
  ) : (
    <Empty title="No events yet">
      <p>Requests, gate decisions, and messages appear here as they happen. Enroll a lead to begin.</p>
    </Empty>
  );
}

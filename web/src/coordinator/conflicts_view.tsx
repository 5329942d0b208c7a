import { api, read } from '../api/client.ts';
import { usePages } from '../api/pages.ts';
import { FoldedGates } from '../leads/gates.tsx';
import { useNow } from '../sessions/me.ts';
import { Failure } from '../ui/failure.tsx';
import { Link } from '../ui/link.tsx';
import { More } from '../ui/more.tsx';
import { Time } from '../ui/time.tsx';
import { Matrix } from './matrix.tsx';
import { type LogEvent, ruleName } from './words.ts';

const REFRESH_MS = 60_000;

/** Leads that sales and marketing both requested: winner, waiting side, end of the wait, and rule. */
export function ConflictsView() {
  const pages = usePages(['coordinator', 'conflicts'], fetchConflicts, REFRESH_MS);
  const now_ms = useNow();
  return (
    <>
      <Matrix />
      <section>
        <h2>Resolved</h2>
        <Failure error={pages.error} />
        {pages.is_loading ? <p className="muted">Loading…</p> : null}
        {!pages.is_loading && pages.items.length === 0 ? (
          <p className="muted">
            No conflicts yet. When sales and marketing request the same lead, the rules above decide, and the
            decision appears here.
          </p>
        ) : null}
        <ul className="log">
          {pages.items.map((event) => (
            <ConflictLine key={event.id} event={event} now_ms={now_ms} />
          ))}
        </ul>
        <More pages={pages} />
      </section>
    </>
  );
}

function fetchConflicts(cursor: string | undefined) {
  const query = {
    suppressed_reason: 'conflict_resolved_queued',
    words: true,
    limit: 50,
    ...(cursor === undefined ? {} : { cursor }),
  } as const;
  return read(api.GET('/events', { params: { query } }));
}

function ConflictLine({ event, now_ms }: { event: LogEvent; now_ms: number | undefined }) {
  const { timestamp, lead_id, until, words } = event;
  const rule = ruleOf(event);
  return (
    <li className="log_line">
      <span className="moment muted">
        <Time iso={timestamp} now_ms={now_ms} />
      </span>
      <span className="kind">{ruleName(rule)}</span>
      <div>
        <p>
          <Link to={`/leads/${lead_id}`}>
            <strong>{words?.lead_name ?? words?.lead_email ?? 'A lead'}</strong>
          </Link>
          {words?.company ? (
            <span className="muted">
              , <bdi>{words.company}</bdi>
            </span>
          ) : null}
        </p>
        <p>
          {winnerWords(event)}: <strong>{words?.campaign_name ?? 'a campaign'}</strong> {waitsWords(event)}
          {until === null ? '' : <Time iso={until} />}
          {until === null ? '' : '.'}
        </p>
        {words === null ? null : <FoldedGates gates={words.gates} />}
      </div>
    </li>
  );
}

function waitsWords({ until, coordinator_action }: LogEvent): string {
  if (coordinator_action === 'refuse') return 'was refused.';
  return until === null ? 'waits until the other side’s enrollment ends.' : 'waits until ';
}

/** A request's trace names the winner; a stopped enrollment's event knows only that the other side won. */
function winnerWords({ trace }: LogEvent): string {
  const winner = trace?.find(({ gate }) => gate === 'concurrency')?.saw.winner;
  return winner === 'sales'
    ? 'Sales has priority'
    : winner === 'marketing'
      ? 'Marketing has priority'
      : 'Other side has priority';
}

/** The losing request names its own rule; a stopped enrollment has the rule from the winner. */
function ruleOf({ detail, resolution }: LogEvent): string {
  const rule = typeof detail === 'object' && detail !== null && 'rule' in detail ? detail.rule : null;
  return typeof rule === 'string' ? rule : (resolution ?? '');
}

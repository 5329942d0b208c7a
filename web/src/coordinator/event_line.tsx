import { FoldedGates } from '../leads/gates.tsx';
import { Link } from '../ui/link.tsx';
import { reasonName } from '../ui/reasons.ts';
import { Time } from '../ui/time.tsx';
import { type LogEvent, TYPE_WORDS } from './words.ts';

/** One line of the log: time, lead, event, reason, and the gates' decisions, folded. */
export function EventLine({ event, now_ms }: { event: LogEvent; now_ms: number | undefined }) {
  const { timestamp, event_type, suppressed_reason, lead_id, words } = event;
  const is_stop = suppressed_reason !== null;
  return (
    <li className="log_line" data-stop={is_stop}>
      <span className="moment muted">
        <Time iso={timestamp} now_ms={now_ms} />
      </span>
      <span className="kind">{TYPE_WORDS[event_type]}</span>
      <div>
        <p>
          <Link to={`/leads/${lead_id}`}>
            <strong>{words?.lead_name ?? words?.lead_email ?? 'A lead'}</strong>
          </Link>
          {words?.company ? (
            <span className="muted">
              , <bdi>{words.company}</bdi>
            </span>
          ) : null}{' '}
          {suppressed_reason === null ? null : <span className="badge">{reasonName(suppressed_reason)}</span>}
        </p>
        <p>{words?.text}</p>
        {words === null ? null : <FoldedGates gates={words.gates} />}
      </div>
    </li>
  );
}

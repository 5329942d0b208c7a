import type { CrmWrite, CrmWriteStatus } from '../api/schema.d.ts';
import { useNow } from '../sessions/me.ts';
import { Choice } from '../ui/choice.tsx';
import { countWords } from '../ui/count.ts';
import { Failure } from '../ui/failure.tsx';
import { Link } from '../ui/link.tsx';
import { More } from '../ui/more.tsx';
import { go, useRoute } from '../ui/route.ts';
import { Time } from '../ui/time.tsx';
import { useCrmWrites } from './use_crm.ts';
import { capitalized, causeOf, STATUS_WORDS, STATUSES, subjectOf, whatOf } from './words.ts';

const PAGE = 30;
const HERE = '/settings/crm';

/** The latest writes, by status, and of one lead if a link asks for it. */
export function Writes({ is_connected, lead_id }: { is_connected: boolean; lead_id: string | null }) {
  const { query } = useRoute();
  const status = STATUSES.find(([value]) => value === query.get('status'))?.[0] ?? null;
  const pages = useCrmWrites({ status, lead_id }, PAGE);
  const is_filtered = status !== null || lead_id !== null;
  const is_empty = !pages.is_loading && pages.error === null && pages.items.length === 0;
  // Without a CRM, earlier writes stay listed; before the first one, the page explains the connection alone.
  if (!is_connected && !is_filtered && (is_empty || pages.is_loading)) return null;
  return (
    <section className="crm_section" aria-labelledby="crm_writes">
      <h2 id="crm_writes">Writes</h2>
      <div className="crm_filters">
        <Choice
          label="Status"
          value={status}
          options={STATUSES}
          onChoose={(wanted) => go(addressOf(wanted, lead_id), { replace: true })}
        />
        {lead_id === null ? null : <LeadChip email={pages.items[0]?.lead_email ?? null} status={status} />}
      </div>
      <Failure error={pages.error} />
      {pages.is_loading ? <p className="muted">Loading…</p> : null}
      {is_empty ? <Nothing is_filtered={is_filtered} /> : null}
      <ol className="record_list record_list_wide crm_writes">
        {pages.items.map((write) => (
          <li key={write.id}>
            <Line write={write} />
          </li>
        ))}
      </ol>
      <More pages={pages} />
    </section>
  );
}

function LeadChip({ email, status }: { email: string | null; status: CrmWriteStatus | null }) {
  const words = `Only ${email ?? 'one lead'}`;
  return (
    <button
      type="button"
      className="crm_lead"
      onClick={() => go(addressOf(status, null), { replace: true })}
      aria-label={`Remove filter: ${words}`}
    >
      {words} <span aria-hidden="true">×</span>
    </button>
  );
}

function Nothing({ is_filtered }: { is_filtered: boolean }) {
  return (
    <p className="muted">
      {is_filtered
        ? 'No matching writes.'
        : 'No writes yet. Enrolled leads, touches, replies, opportunities, and opt-outs appear here.'}
    </p>
  );
}

function Line({ write }: { write: CrmWrite }) {
  const now_ms = useNow();
  const { status, occurred_at } = write;
  return (
    <div>
      <p>
        <strong>{whatOf(write)}</strong>: <Subject write={write} />{' '}
        <span className={status === 'refused' ? 'badge badge_bad' : 'badge'}>{STATUS_WORDS[status]}</span>{' '}
        <span className="muted">
          <Time iso={occurred_at} now_ms={now_ms} />
        </span>
      </p>
      <Detail write={write} />
    </div>
  );
}

/** Attempts, cause, and decision. */
function Detail({ write }: { write: CrmWrite }) {
  const now_ms = useNow();
  const { status, attempt_count, last_code, next_at, decided_by_name, skip_reason } = write;
  const is_delayed = status === 'pending' && last_code !== null && next_at !== null;
  const parts = [
    status === 'skipped' ? `skipped by ${decided_by_name ?? 'a person'}: “${skip_reason}”` : null,
    decided_by_name === null || status === 'skipped' ? null : `retried by ${decided_by_name}`,
    attempt_count > 1 ? countWords(attempt_count, 'attempt') : null,
    causeOf(write),
  ].filter((part) => part !== null);
  if (parts.length === 0) return null;
  const text = parts.join('; ');
  return (
    <p className="muted">
      {capitalized(text)}
      {is_delayed ? (
        <>
          ; next attempt <Time iso={next_at} now_ms={now_ms} />
        </>
      ) : null}
    </p>
  );
}

/** The lead or account of a write. */
export function Subject({ write }: { write: CrmWrite }) {
  const { lead_id } = write;
  return lead_id === null ? (
    <bdi>{subjectOf(write)}</bdi>
  ) : (
    <Link to={`/leads/${lead_id}`}>{subjectOf(write)}</Link>
  );
}

function addressOf(status: CrmWriteStatus | null, lead_id: string | null): string {
  const query = new URLSearchParams({
    ...(status === null ? {} : { status }),
    ...(lead_id === null ? {} : { lead_id }),
  }).toString();
  return query === '' ? HERE : `${HERE}?${query}`;
}

import { useEffect, useId, useState } from 'react';
import { type Answer, api, read } from '../api/client.ts';
import { type Pages, usePages } from '../api/pages.ts';
import { Empty } from '../ui/empty.tsx';
import { Failure } from '../ui/failure.tsx';
import { Link } from '../ui/link.tsx';
import { More } from '../ui/more.tsx';
import { go, useRoute } from '../ui/route.ts';
import { useTitle } from '../ui/title.ts';
import { STATE_WORDS } from './words.ts';

type Lead = Answer<'/leads', 'get'>['items'][number];

const REFRESH_MS = 10_000;
const PAUSE_IN_TYPING_MS = 200;

/** Everyone there is, found by address, name or company. */
export function LeadsPage() {
  const { query } = useRoute();
  useTitle('Leads');
  const q = query.get('q') ?? '';
  const pages = usePages(['leads', 'list', q], (cursor) => fetchLeads(q, cursor), REFRESH_MS);
  return (
    <div className="page">
      <div className="page_head">
        <h1>Leads</h1>
        <Search q={q} />
      </div>
      <Failure error={pages.error} />
      <Found pages={pages} q={q} />
    </div>
  );
}

function fetchLeads(q: string, cursor: string | undefined) {
  const query = { limit: 50, ...(q === '' ? {} : { q }), ...(cursor === undefined ? {} : { cursor }) };
  return read(api.GET('/leads', { params: { query } }));
}

function Search({ q }: { q: string }) {
  const [typed, setTyped] = useState(q);
  const id = useId();
  useEffect(() => {
    const wanted = typed.trim();
    if (wanted === q) return;
    const to = wanted === '' ? '/leads' : `/leads?${new URLSearchParams({ q: wanted })}`;
    const timer = setTimeout(() => go(to, { replace: true }), PAUSE_IN_TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed, q]);
  return (
    <search className="search">
      <label htmlFor={id}>Find by the beginning of an address, domain, name or company</label>
      <input
        id={id}
        type="search"
        autoComplete="off"
        value={typed}
        maxLength={200}
        onChange={(event) => setTyped(event.target.value)}
      />
    </search>
  );
}

function Found({ pages, q }: { pages: Pages<Lead>; q: string }) {
  if (pages.is_loading) return <p className="muted">Reading …</p>;
  if (pages.items.length === 0) return q === '' ? <NoLeads /> : <NobodyFound q={q} />;
  return (
    <>
      <p className="unseen" role="status">
        {pages.has_more ? `${pages.items.length} or more` : pages.items.length} found
      </p>
      <ul className="rows rows_wide">
        {pages.items.map((lead) => (
          <li key={lead.id}>
            <Link className="row" to={`/leads/${lead.id}`}>
              <Row lead={lead} />
            </Link>
          </li>
        ))}
      </ul>
      <More pages={pages} />
    </>
  );
}

function Row({ lead }: { lead: Lead }) {
  const name = [lead.first_name, lead.last_name].filter(Boolean).join(' ');
  const may_not = lead.unsubscribe_flag || lead.opt_out_flag;
  return (
    <>
      <span className="row_text">
        <strong>{name || lead.email}</strong>
        {lead.company === null ? '' : `, ${lead.company}`}
      </span>
      <span className="row_text muted">{lead.email}</span>
      <span className="row_end">
        {may_not ? (
          <span className="badge badge_bad">{lead.unsubscribe_flag ? 'Unsubscribed' : 'Opted out'}</span>
        ) : null}
        <span className="badge">{lead.effective_icp_tier ?? 'No tier'}</span>
        <span className="badge">{STATE_WORDS[lead.cadence_state]}</span>
      </span>
    </>
  );
}

function NoLeads() {
  return (
    <Empty title="There are no leads yet">
      <p>Bring some in from a CSV file; only a column with addresses is needed:</p>
      <p>
        <code>touchline import leads FILE.csv --dry-run</code>
      </p>
      <p>The dry run says what it would do, line by line. Without it, the leads are here a moment later.</p>
    </Empty>
  );
}

function NobodyFound({ q }: { q: string }) {
  return (
    <Empty title={`Nobody matches “${q}”`}>
      <p>The beginning of an address, a domain, a name, a last name or a company is enough.</p>
    </Empty>
  );
}

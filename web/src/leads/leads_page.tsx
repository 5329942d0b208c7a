import './leads.css';
import { useRef } from 'react';
import { api, read } from '../api/client.ts';
import { type Pages, usePages } from '../api/pages.ts';
import { useMe, useNow } from '../sessions/me.ts';
import { mayImport } from '../sessions/roles.ts';
import { Empty } from '../ui/empty.tsx';
import { Failure } from '../ui/failure.tsx';
import { useKeys } from '../ui/keys.ts';
import { Link } from '../ui/link.tsx';
import { More } from '../ui/more.tsx';
import { fullName } from '../ui/names.ts';
import { useRoute } from '../ui/route.ts';
import { useRoving } from '../ui/roving.ts';
import { type Scope, useScope } from '../ui/scope.tsx';
import { Time } from '../ui/time.tsx';
import { useTitle } from '../ui/title.ts';
import { filtersOf, isFiltered, type LeadFilters, type ListedLead, queryOf } from './filters.ts';
import { LeadFilterBar } from './lead_filters.tsx';
import { STATE_WORDS } from './words.ts';

/** The stream reports changes; polling catches those it missed. */
const REFRESH_MS = 60_000;
/** Loads the next page when this few rows remain. */
const NEAR_END = 5;

/** Lists all leads, with a search by email, name, or company, and with filters. */
export function LeadsPage() {
  const { query } = useRoute();
  useTitle('Leads');
  const filters = filtersOf(query);
  const scope = useScope();
  const asked = { ...queryOf(filters), scope };
  const key = JSON.stringify(asked);
  const pages = usePages(['leads', 'list', key], (cursor) => fetchLeads(asked, cursor), REFRESH_MS);
  const me = useMe();
  return (
    <div className="page page_wide">
      <div className="page_head">
        <h1>Leads</h1>
        <div className="actions">
          <Link to="/leads/do-not-contact">Do not contact</Link>
          {mayImport(me) ? <Link to="/leads/import">Import leads</Link> : null}
        </div>
      </div>
      <LeadFilterBar filters={filters} />
      <Failure error={pages.error} />
      <Found pages={pages} filters={filters} scope={scope} />
    </div>
  );
}

type Asked = ReturnType<typeof queryOf> & { scope: Scope };

function fetchLeads(asked: Asked, cursor: string | undefined) {
  const query = { limit: 50, ...asked, ...(cursor === undefined ? {} : { cursor }) };
  return read(api.GET('/leads', { params: { query } }));
}

type FoundProps = { pages: Pages<ListedLead>; filters: LeadFilters; scope: Scope };

function Found({ pages, filters, scope }: FoundProps) {
  const now_ms = useNow();
  const list = useRef<HTMLUListElement>(null);
  const ids = pages.items.map(({ id }) => id);
  const rowProps = useRoving({ ids, current: null, onArrow: () => {} });
  const move = (by: number) => {
    const rows = [...(list.current?.querySelectorAll<HTMLElement>('.row') ?? [])];
    const at = rows.indexOf(document.activeElement as HTMLElement);
    const next = at < 0 ? 0 : at + by;
    rows[next]?.focus();
    if (next >= rows.length - NEAR_END) pages.loadMore();
  };
  useKeys({ j: () => move(1), k: () => move(-1) });
  if (pages.is_loading) return <p className="muted">Loading…</p>;
  if (pages.items.length === 0)
    return isFiltered(filters) || scope !== 'all' ? <NobodyFound q={filters.q} /> : <NoLeads />;
  return (
    <>
      <p className="unseen" role="status">
        {pages.has_more ? `${pages.items.length} or more` : pages.items.length} found
      </p>
      <ul className="rows rows_wide lead_rows" ref={list}>
        {pages.items.map((lead) => (
          <li key={lead.id}>
            <Link className="row" to={`/leads/${lead.id}`} {...rowProps(lead.id)}>
              <Row lead={lead} now_ms={now_ms} />
            </Link>
          </li>
        ))}
      </ul>
      <More pages={pages} />
    </>
  );
}

function Row({ lead, now_ms }: { lead: ListedLead; now_ms: number | undefined }) {
  const name = fullName(lead.first_name, lead.last_name);
  return (
    <>
      <span className="row_text row_who">
        <strong>{name ?? lead.email}</strong>
        <span className="muted">{name === null ? '' : lead.email}</span>
      </span>
      <span className="row_text row_who">
        <bdi>{lead.company ?? '–'}</bdi>
        <bdi className="muted">{lead.title ?? ''}</bdi>
      </span>
      <span className="row_text row_who row_touch">
        <span className="muted">
          {lead.last_touch_at === null ? (
            'no touches yet'
          ) : (
            <>
              touched <Time iso={lead.last_touch_at} now_ms={now_ms} />
            </>
          )}
        </span>
        <bdi className="muted">{lead.owner_name === null ? 'no owner' : `owner: ${lead.owner_name}`}</bdi>
      </span>
      <span className="row_end">
        {lead.unsubscribe_flag || lead.opt_out_flag ? (
          <span className="badge badge_bad">{lead.unsubscribe_flag ? 'Unsubscribed' : 'Opted out'}</span>
        ) : null}
        {lead.suppressed_address ? <span className="badge badge_bad">Address suppressed</span> : null}
        {lead.abm_active ? <span className="badge badge_strong">ABM</span> : null}
        <span className="badge">{lead.effective_icp_tier ?? 'No tier'}</span>
        <span className="badge">{STATE_WORDS[lead.cadence_state]}</span>
      </span>
    </>
  );
}

function NoLeads() {
  const me = useMe();
  return (
    <Empty title="No leads yet">
      <p>Import a CSV file. Only an email column is required.</p>
      {mayImport(me) ? (
        <p className="actions">
          <Link to="/leads/import">Import leads</Link>
        </p>
      ) : (
        <p>Reps, RevOps, and admins import leads.</p>
      )}
    </Empty>
  );
}

function NobodyFound({ q }: { q: string }) {
  return (
    <Empty title={q === '' ? 'No leads match' : `No leads match “${q}”`}>
      <p>Try the start of an email, domain, name, or company, or show all leads.</p>
      <p>
        <Link to="/leads?scope=all">Show all leads</Link>
      </p>
    </Empty>
  );
}

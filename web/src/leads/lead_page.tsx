import { useQuery } from '@tanstack/react-query';
import { api, read } from '../api/client.ts';
import { isRefusal } from '../api/refusal.ts';
import { Empty } from '../ui/empty.tsx';
import { Failure } from '../ui/failure.tsx';
import { Link } from '../ui/link.tsx';
import { useTitle } from '../ui/title.ts';
import { ExplanationView } from './explanation_view.tsx';
import type { Lead } from './lead.ts';
import { OptOut } from './opt_out.tsx';
import { STATE_WORDS } from './words.ts';

const REFRESH_MS = 5_000;

/** One person: what happened, what did not and why, and what comes next. */
export function LeadPage({ lead_id }: { lead_id: string }) {
  const params = { path: { id: lead_id } };
  const lead = useQuery({
    queryKey: ['leads', lead_id, 'lead'],
    queryFn: () => read(api.GET('/leads/{id}', { params })),
    refetchInterval: REFRESH_MS,
  });
  const explanation = useQuery({
    queryKey: ['leads', lead_id, 'explain'],
    queryFn: () => read(api.GET('/leads/{id}/explain', { params })),
    refetchInterval: REFRESH_MS,
  });
  useTitle(lead.data === undefined ? 'Lead' : nameOf(lead.data));
  if (isRefusal(lead.error, 'not_found') || isRefusal(lead.error, 'input_invalid')) return <Unknown />;
  return (
    <div className="page">
      <p className="crumbs">
        <Link to="/leads">‹ Leads</Link>
      </p>
      {lead.data === undefined ? <h1 className="muted">Reading …</h1> : <LeadHead lead={lead.data} />}
      <Failure error={lead.error ?? explanation.error} />
      {explanation.data === undefined ? null : <ExplanationView explanation={explanation.data} />}
    </div>
  );
}

function LeadHead({ lead }: { lead: Lead }) {
  return (
    <div className="page_head">
      <div>
        <h1>{nameOf(lead)}</h1>
        <p className="muted">
          {[lead.title, lead.company].filter(Boolean).join(', ')}
          {lead.title || lead.company ? <br /> : null}
          {lead.email}
        </p>
        <p className="badges">
          <span className="badge">{lead.effective_icp_tier ?? 'No tier'}</span>
          <span className="badge">{STATE_WORDS[lead.cadence_state]}</span>
          <span className="badge">{lead.effective_time_zone}</span>
          {lead.abm_active ? <span className="badge">ABM</span> : null}
          {lead.unsubscribe_flag ? <span className="badge badge_bad">Unsubscribed</span> : null}
          {lead.opt_out_flag ? <span className="badge badge_bad">Opted out</span> : null}
          {lead.suppressed_address ? <span className="badge badge_bad">Address suppressed</span> : null}
        </p>
      </div>
      <OptOut lead={lead} />
    </div>
  );
}

function nameOf({ first_name, last_name, email }: Lead): string {
  return [first_name, last_name].filter(Boolean).join(' ') || email;
}

function Unknown() {
  useTitle('No such lead');
  return (
    <Empty title="There is no such lead">
      <p>
        It may have been erased, or the address of this page is incomplete.{' '}
        <Link to="/leads">Find someone else</Link>.
      </p>
    </Empty>
  );
}

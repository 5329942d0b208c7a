import './leads.css';
import { isRefusal } from '../api/refusal.ts';
import { RefusedOfLead } from '../crm/refused_of_lead.tsx';
import { useMe } from '../sessions/me.ts';
import { mayKeepRecords } from '../sessions/roles.ts';
import { Empty } from '../ui/empty.tsx';
import { Failure } from '../ui/failure.tsx';
import { Link } from '../ui/link.tsx';
import { ZoneProvider } from '../ui/time.tsx';
import { useTitle } from '../ui/title.ts';
import { AccountView } from './account_view.tsx';
import { AddressesView } from './addresses_view.tsx';
import { ErasedMentionsView } from './erased_mentions.tsx';
import { type Explanation, nameOf, useExplanation, useLead } from './lead.ts';
import { LeadHead } from './lead_head.tsx';
import { MailboxView } from './mailbox_view.tsx';
import { MergeSuggestions } from './merge_leads.tsx';
import { NextView } from './next_view.tsx';
import { OpportunitiesView } from './opportunities_view.tsx';
import { SequencesView } from './sequences_view.tsx';
import { SuggestionsView } from './suggestions_view.tsx';
import { SuppressionsView } from './suppressions_view.tsx';
import { TimelineView } from './timeline_view.tsx';
import { TouchWindow } from './touch_window.tsx';

/** One lead: status, next steps, blocks, and timeline, in the lead's local time. */
export function LeadPage({ lead_id }: { lead_id: string }) {
  const lead = useLead(lead_id);
  const explanation = useExplanation(lead_id);
  const known = lead.data?.body;
  const may_review = mayKeepRecords(useMe());
  useTitle(known === undefined ? 'Lead' : nameOf(known));
  if (isRefusal(lead.error, 'not_found') || isRefusal(lead.error, 'input_invalid')) return <Unknown />;
  return (
    <ZoneProvider value={known?.effective_time_zone}>
      <div className="page page_wide">
        <p className="crumbs">
          <Link to="/leads">‹ Leads</Link>
        </p>
        {known === undefined ? (
          <h1 className="muted">Loading…</h1>
        ) : (
          <LeadHead lead={known} version={lead.data?.version ?? null} />
        )}
        <Failure error={lead.error ?? explanation.error} />
        {known === undefined ? null : (
          <div className="lead_columns">
            <div className="lead_now">
              <Explained explanation={explanation.data} />
            </div>
            <aside className="lead_aside" aria-label="Caps, contact status, and enrollments">
              {explanation.data === undefined ? null : <TouchWindow explanation={explanation.data} />}
              {known.erased_at !== null && may_review ? <ErasedMentionsView lead_id={known.id} /> : null}
              <MergeSuggestions lead={known} />
              <SuppressionsView lead={known} />
              <SuggestionsView lead_id={known.id} />
              <SequencesView lead_id={known.id} />
              <OpportunitiesView lead={known} />
              {known.erased_at === null ? <RefusedOfLead lead_id={known.id} /> : null}
              <AddressesView lead={known} />
              <AccountView lead={known} />
              <MailboxView lead_id={known.id} />
            </aside>
            <TimelineView lead_id={known.id} zone={known.effective_time_zone} />
          </div>
        )}
      </div>
    </ZoneProvider>
  );
}

function Explained({ explanation }: { explanation: Explanation | undefined }) {
  return explanation === undefined ? (
    <p className="muted">Loading…</p>
  ) : (
    <NextView explanation={explanation} />
  );
}

function Unknown() {
  useTitle('Lead not found');
  return (
    <Empty title="Lead not found">
      <p>
        The lead may have been deleted, or the link is incomplete. <Link to="/leads">View all leads</Link>.
      </p>
    </Empty>
  );
}

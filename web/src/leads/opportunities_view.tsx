import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, read } from '../api/client.ts';
import type { ListedOpportunity } from '../api/schema.d.ts';
import { useMe } from '../sessions/me.ts';
import { mayWork } from '../sessions/roles.ts';
import { Failure } from '../ui/failure.tsx';
import { Link } from '../ui/link.tsx';
import { Time } from '../ui/time.tsx';
import type { Lead } from './lead.ts';
import { moneyOf, OPPORTUNITY_STAGES } from './opportunity.ts';
import { EditOpportunity } from './opportunity_form.tsx';

/** The opportunities of a lead, and what led to each. */
export function OpportunitiesView({ lead }: { lead: Lead }) {
  const [edited, setEdited] = useState<ListedOpportunity | 'new' | null>(null);
  const may_work = mayWork(useMe()) && lead.erased_at === null;
  const { data, error } = useQuery({
    queryKey: ['leads', lead.id, 'opportunities'],
    queryFn: () => read(api.GET('/opportunities', { params: { query: { lead_id: lead.id, limit: 50 } } })),
  });
  return (
    <section>
      <h2>Opportunities</h2>
      <Failure error={error} />
      {data?.items.length === 0 ? <p className="muted">No opportunity yet.</p> : null}
      <ul className="plain_list">
        {data?.items.map((one) => (
          <li key={one.id}>
            <Deal deal={one} onEdit={may_work ? () => setEdited(one) : null} />
          </li>
        ))}
      </ul>
      {may_work && data !== undefined ? (
        <div className="actions actions_small">
          <button type="button" onClick={() => setEdited('new')}>
            Add opportunity…
          </button>
        </div>
      ) : null}
      {edited === null ? null : (
        <EditOpportunity
          lead={lead}
          known={edited === 'new' ? null : edited}
          onClose={() => setEdited(null)}
        />
      )}
    </section>
  );
}

function Deal({ deal, onEdit }: { deal: ListedOpportunity; onEdit: (() => void) | null }) {
  const { name, stage, campaign_name, campaign_slug, opened_at, closed_at, lost_reason } = deal;
  const label = OPPORTUNITY_STAGES.find(([value]) => value === stage)?.[1];
  const badge = stage === 'won' ? 'badge badge_strong' : 'badge';
  return (
    <>
      <p>
        <strong>{name}</strong> <span className={badge}>{label}</span>
        {onEdit === null ? null : (
          <>
            {' '}
            <button type="button" className="quiet" aria-label={`Edit ${name}`} onClick={onEdit}>
              Edit
            </button>
          </>
        )}
      </p>
      <p className="muted">
        {moneyOf(deal)}Opened <Time iso={opened_at} />
        {closed_at === null ? null : (
          <>
            , {stage === 'won' ? 'won' : 'lost'} <Time iso={closed_at} />
          </>
        )}
        {lost_reason === null ? '' : ` (“${lost_reason}”)`}.{' '}
        {campaign_slug === null ? (
          'No sequence led to it.'
        ) : (
          <>
            After <Link to={`/campaigns/${campaign_slug}`}>{campaign_name ?? 'a campaign'}</Link>.
          </>
        )}
      </p>
    </>
  );
}

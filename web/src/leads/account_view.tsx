import type { ReactNode } from 'react';
import { Link } from '../ui/link.tsx';
import { Time } from '../ui/time.tsx';
import type { Lead } from './lead.ts';

/** The company, and what else is known of a lead. */
export function AccountView({ lead }: { lead: Lead }) {
  return (
    <section>
      <h2>Known of them</h2>
      <dl className="facts">
        <Fact name="Company">
          {lead.account_id === null ? (
            (lead.company ?? '–')
          ) : (
            <Link to={`/leads?account_id=${lead.account_id}`}>{lead.company ?? 'Their colleagues'}</Link>
          )}
          {lead.abm_active ? (
            <>
              {' '}
              <span className="badge badge_strong">ABM works it</span>
            </>
          ) : null}
        </Fact>
        <Fact name="Segment">{lead.effective_segment}</Fact>
        <Fact name="Industry">{lead.vertical}</Fact>
        <Fact name="Stage">{lead.lifecycle_stage}</Fact>
        <Fact name="Country">{lead.country}</Fact>
        <Fact name="Sales signal">
          {lead.sales_signal_at === null ? null : <Time iso={lead.sales_signal_at} />}
        </Fact>
        <Fact name="Marketing signal">
          {lead.marketing_signal_at === null ? null : <Time iso={lead.marketing_signal_at} />}
        </Fact>
        <Fact name="Interest">
          {lead.intent_signals.length === 0
            ? null
            : lead.intent_signals.map((word) => word.replaceAll('_', ' ')).join(', ')}
        </Fact>
      </dl>
    </section>
  );
}

/** What is not known takes no room. */
function Fact({ name, children }: { name: string; children: ReactNode }) {
  if (children === null || children === '') return null;
  return (
    <div className="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

import type { ReactNode } from 'react';
import { Link } from '../ui/link.tsx';
import { Time } from '../ui/time.tsx';
import type { Lead } from './lead.ts';
import { useSegments } from './lead_filters.tsx';
import { stageWords } from './words.ts';

/** The company, and what else is known of a lead. */
export function AccountView({ lead }: { lead: Lead }) {
  const segments = useSegments();
  const { effective_segment: segment } = lead;
  const segment_name = segments.find(([known]) => known === segment)?.[1];
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
        <Fact name="Segment">{segment_name ?? segment?.replaceAll('_', ' ') ?? null}</Fact>
        <Fact name="Industry">{lead.vertical}</Fact>
        <Fact name="Stage">{lead.lifecycle_stage === null ? null : stageWords(lead.lifecycle_stage)}</Fact>
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

import type { ReactNode } from 'react';
import { Link } from '../ui/link.tsx';
import { Time } from '../ui/time.tsx';
import type { Lead } from './lead.ts';
import { DETAIL_FIELDS } from './lead_fields.gen.ts';
import { useSegments } from './lead_filters.tsx';
import { stageWords } from './words.ts';

/** The account of a lead, and further details. */
export function AccountView({ lead }: { lead: Lead }) {
  const segments = useSegments();
  const { effective_segment: segment } = lead;
  const segment_name = segments.find(([known]) => known === segment)?.[1];
  return (
    <section>
      <h2>Details</h2>
      <dl className="facts">
        <Fact name="Company">
          {lead.account_id === null ? (
            (lead.company ?? '–')
          ) : (
            <Link to={`/leads?account_id=${lead.account_id}`}>{lead.company ?? 'Colleagues'}</Link>
          )}
          {lead.abm_active ? (
            <>
              {' '}
              <span className="badge badge_strong">In ABM</span>
            </>
          ) : null}
        </Fact>
        <Fact name="Owner">
          {lead.owner_name}
          {lead.owner_user_id === null && lead.owner_name !== null ? ', as owner of the account' : null}
        </Fact>
        <Fact name="Segment">{segment_name ?? segment?.replaceAll('_', ' ') ?? null}</Fact>
        {DETAIL_FIELDS.map((field) => (
          <Fact key={field.name} name={field.label}>
            {factOf(lead, field)}
          </Fact>
        ))}
      </dl>
    </section>
  );
}

function factOf(lead: Lead, { name, kind }: (typeof DETAIL_FIELDS)[number]): ReactNode {
  const value = lead[name];
  if (value === null) return null;
  if (kind === 'instant') return <Time iso={String(value)} />;
  if (name === 'lifecycle_stage') return stageWords(String(value));
  return Array.isArray(value) ? value.map((word) => word.replaceAll('_', ' ')).join(', ') : value;
}

/** Unknown facts are left out. */
function Fact({ name, children }: { name: string; children: ReactNode }) {
  if (children === null || children === '') return null;
  return (
    <div className="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

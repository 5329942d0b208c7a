import { useQuery } from '@tanstack/react-query';
import { api, read } from '../api/client.ts';
import { Failure } from '../ui/failure.tsx';
import { Time } from '../ui/time.tsx';
import { type Lead, REFRESH_MS } from './lead.ts';

/** Everything that keeps this lead from being contacted, and what would end it. */
export function SuppressionsView({ lead: { id: lead_id, left_company_at } }: { lead: Lead }) {
  const suppressions = useQuery({
    queryKey: ['leads', lead_id, 'suppressions'],
    queryFn: () => read(api.GET('/leads/{id}/suppressions', { params: { path: { id: lead_id } } })),
    refetchInterval: REFRESH_MS,
  });
  const items = suppressions.data?.items;
  return (
    <section>
      <h2>Contact status</h2>
      <Failure error={suppressions.error} />
      {items?.length !== 0 ? null : left_company_at === null ? (
        <p className="muted">Can be contacted, within the caps.</p>
      ) : (
        <p>
          Not suppressed, but the lead wrote <Time iso={left_company_at} /> that they left the company or are
          the wrong person.
        </p>
      )}
      <ul className="lead_reasons">
        {items?.map(({ kind, since, text, lift }) => (
          <li key={kind + text} data-kind={kind}>
            <p>
              <strong>{NAMES[kind]}</strong>
              {since === null ? null : (
                <span className="muted">
                  {' '}
                  since <Time iso={since} />
                </span>
              )}
            </p>
            <p>{text}</p>
            <p className="muted">{lift}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}

const NAMES = {
  unsubscribed: 'Unsubscribed',
  opted_out: 'Opted out',
  address: 'Address suppressed',
  domain: 'Domain suppressed',
  phone: 'Number suppressed',
  abm: 'ABM',
  paused: 'Paused',
  erased: 'Personal data deleted',
} as const;

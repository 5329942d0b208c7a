import './merge.css';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Failure } from '../ui/failure.tsx';
import { Time } from '../ui/time.tsx';
import { fetchLead, type Lead, nameOf } from './lead.ts';

/** Both leads of a merge side by side: the one that stays, and the one that is merged into it. */
export function MergeCompare({ lead, other_key }: { lead: Lead; other_key: string }) {
  const other = useQuery({
    queryKey: ['leads', other_key, 'merging'],
    queryFn: () => fetchLead(other_key),
    retry: false,
  });
  if (other.error !== null) return <Failure error={other.error} />;
  if (other.data === undefined) return <p className="muted">Loading…</p>;
  const both = [lead, other.data.body];
  return (
    <div className="table_scroll">
      <table className="merge_compare">
        <caption className="unseen">Both leads</caption>
        <thead>
          <tr>
            <td />
            <th scope="col">Stays</th>
            <th scope="col">Is merged</th>
          </tr>
        </thead>
        <tbody>
          {ROWS.map(([label, Value]) => (
            <tr key={label}>
              <th scope="row">{label}</th>
              {both.map((one) => (
                <td key={one.id}>
                  <Value lead={one} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

type Value = (props: { lead: Lead }) => ReactNode;

const ROWS: readonly (readonly [string, Value])[] = [
  ['Name', ({ lead }) => <bdi>{nameOf(lead)}</bdi>],
  ['Company', ({ lead }) => <bdi>{[lead.title, lead.company].filter(Boolean).join(', ') || '–'}</bdi>],
  ['Addresses', Addresses],
  ['Owner', ({ lead }) => lead.owner_name ?? 'none'],
  ['Last touch', LastTouch],
  ['Consent', ({ lead }) => consentOf(lead)],
];

function Addresses({ lead }: { lead: Lead }) {
  const current = lead.addresses.filter(({ is_ended }) => !is_ended);
  return current.map(({ id, value }) => (
    <span key={id} className="address merge_address">
      {value}
    </span>
  ));
}

function LastTouch({ lead: { last_touch_at } }: { lead: Lead }) {
  return last_touch_at === null ? 'none' : <Time iso={last_touch_at} />;
}

function consentOf({ unsubscribe_flag, opt_out_flag, suppressed_address }: Lead): string {
  const stops = [
    unsubscribe_flag ? 'Unsubscribed' : null,
    opt_out_flag ? 'Opted out' : null,
    suppressed_address ? 'Address suppressed' : null,
  ].filter((stop) => stop !== null);
  return stops.join(', ') || 'Can be contacted';
}

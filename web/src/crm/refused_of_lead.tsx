import { useQuery } from '@tanstack/react-query';
import { api, read } from '../api/client.ts';
import { countWords } from '../ui/count.ts';
import { Link } from '../ui/link.tsx';

/** Enough to count: more refused writes of one lead are unlikely. */
const SHOWN_MAX = 50;

/** How many writes about a lead the CRM refused; nothing if none. */
export function RefusedOfLead({ lead_id }: { lead_id: string }) {
  const { data } = useQuery({
    queryKey: ['leads', lead_id, 'crm_writes'],
    queryFn: () =>
      read(api.GET('/crm/writes', { params: { query: { lead_id, status: 'refused', limit: SHOWN_MAX } } })),
  });
  if (data === undefined || data.items.length === 0) return null;
  const more = data.next_cursor === null ? '' : ' or more';
  return (
    <section>
      <h2>CRM</h2>
      <p>
        <Link to={`/settings/crm?lead_id=${lead_id}`}>
          {countWords(data.items.length, 'write')} refused{more}
        </Link>
      </p>
    </section>
  );
}

import { useQuery } from '@tanstack/react-query';
import { api, read } from '../api/client.ts';
import { Link } from '../ui/link.tsx';

/** Where someone begins whose Touchline has no leads yet; nothing once there are some. */
export function Begin() {
  const leads = useQuery({
    queryKey: ['leads', 'any'],
    queryFn: () => read(api.GET('/leads', { params: { query: { limit: 1 } } })),
  });
  if (leads.data === undefined || leads.data.items.length > 0) return null;
  return (
    <section className="notice">
      <h2>Begin with leads</h2>
      <p>
        Import a file, then start a campaign for whom it brings in. Their messages are drafted and wait here;
        nothing leaves before a person has approved its text.
      </p>
      <p className="actions">
        <Link to="/leads/import">Import leads</Link>
      </p>
    </section>
  );
}

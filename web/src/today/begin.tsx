import { useQuery } from '@tanstack/react-query';
import { api, read } from '../api/client.ts';
import { Link } from '../ui/link.tsx';

/** Invites to import the first leads; hidden once there are any. */
export function Begin() {
  const leads = useQuery({
    queryKey: ['leads', 'any'],
    queryFn: () => read(api.GET('/leads', { params: { query: { limit: 1 } } })),
  });
  if (leads.data === undefined || leads.data.items.length > 0) return null;
  return (
    <section className="notice">
      <h2>Import your first leads</h2>
      <p>
        Import a CSV file, then enroll the leads in a campaign. Their drafts appear here, and nothing is sent
        until a person approves it.
      </p>
      <p className="actions">
        <Link to="/leads/import">Import leads</Link>
      </p>
    </section>
  );
}

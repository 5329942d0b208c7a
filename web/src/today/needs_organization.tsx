import { Link } from '../ui/link.tsx';
import type { Today } from './use_today.ts';

/** Requests the organization's own name and postal address, without which mail is held. */
export function NeedsOrganization({ today }: { today: Today | undefined }) {
  if (today === undefined || !today.needs_organization) return null;
  return (
    <section className="notice">
      <h2>Add your name and postal address</h2>
      <p>The law requires both in every message. Mail to a real server is held until an admin saves them.</p>
      <p className="actions">
        <Link to="/settings/organization">Open organization settings</Link>
      </p>
    </section>
  );
}

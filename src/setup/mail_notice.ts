import { systemDb } from '../db/acting.ts';
import type { Pool } from '../db/pool.ts';
import { getOrganization } from '../db/queries/principals.gen.ts';

/**
 * The mail server, for the person who starts a process: only the host, because SMTP_URL may contain a password. Nothing if
 * this process has no SMTP_URL.
 */
export async function mailNotice(db: Pool, org_id: string, smtp_url: string | null): Promise<string[]> {
  if (smtp_url === null) return [];
  const sent = `Mail is sent through ${new URL(smtp_url).host}.`;
  const [organization] = await getOrganization.run({ org_id }, systemDb(db, org_id));
  if (organization!.own_since !== null) return [sent];
  return [
    sent,
    'Messages are held: the name and postal address under them are placeholders. Save your own, as an admin:',
    '  touchline organization set --name NAME --postal-address ADDRESS',
  ];
}

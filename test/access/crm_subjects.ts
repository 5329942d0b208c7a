import type { OwnerPool } from '../../src/db/pool.ts';
import { newId } from '../../src/ids.ts';
import type { World } from '../world.ts';

/** Writes that the CRM refused, one for each operation that changes one. */
export async function crmSubjects(db: OwnerPool, world: World, lead_id: string) {
  return {
    retrying_crm_write_id: await refusedWriteOf(db, world, lead_id),
    skipping_crm_write_id: await refusedWriteOf(db, world, lead_id),
  };
}

/** As the owner records it: no other role may. */
async function refusedWriteOf(db: OwnerPool, { org_id, clock }: World, lead_id: string): Promise<string> {
  const id = newId(clock);
  await db.query(
    `INSERT INTO crm_writes (org_id, id, lead_id, kind, subject_id, part, occurred_at, next_at, status, last_code)
     VALUES ($1, $2, $3, 'person', $2, 'enrolled', $4, $4, 'refused', 'validation')`,
    [org_id, id, lead_id, clock.now()],
  );
  return id;
}

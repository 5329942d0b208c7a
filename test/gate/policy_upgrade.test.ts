import { expect, it } from 'vitest';
import { orgPolicy } from '../../src/coordinator/gate/scope.ts';
import { sqlState } from '../../src/db/errors.ts';
import { migrate } from '../../src/db/migrate.ts';
import { openOwnerPool } from '../../src/db/open.ts';
import { type Actor, transaction } from '../../src/db/pool.ts';
import { organizationChecks } from '../../src/doctor/organization.ts';
import { policyOperations } from '../../src/operations/policy/policies.ts';
import type { OrganizationsRow, SendAttemptsRow } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { createWorld } from '../world.ts';

const { db, owner_url } = await testDatabase();
const [getPolicy, putPolicy, , , listVersions] = policyOperations;
/** Saturday, 01:30 in London. */
const NIGHT = Date.parse('2026-11-28T01:30:00Z');

it('a policy from before sending hours and limits per side keeps its values, and its decisions can be replayed', async () => {
  const world = await createWorld(db, { start_ms: NIGHT, policy: { business_hours: {}, holidays: {} } });
  const { org_id } = world;
  // The state of a database of the previous version: version 2 names some values, and all others are the shipped ones.
  await db.query(`ALTER TABLE policies DROP CONSTRAINT policies_name_sending_hours`);
  await db.query(`DELETE FROM schema_migrations WHERE name ~ '_(sending_hours|policies_per_side).sql$'`);
  await db.query(`ALTER TABLE policies DROP CONSTRAINT policies_name_sequences`);
  const former = {
    drafts: { undo_seconds: 0 },
    mailbox_limits: { enforce: false },
    business_hours: { start: '09:00' },
  };
  await db.query(`INSERT INTO policies (org_id, version, document) VALUES ($1, 2, $2)`, [org_id, former]);
  const owner = await openOwnerPool({ url: owner_url, max: 2 });
  await migrate(owner).finally(() => owner.close());

  const { version, policy } = await orgPolicy({ tx: db, org_id });
  expect(version).toBe(2);
  expect(policy.business_hours).toMatchObject({ enforce: false, start_minute: 540 });
  expect(policy.holidays.enforce).toBe(false);
  expect(policy.sequences_per_side).toEqual({ sales: null, marketing: null });
  const lead_id = await world.addLead();
  await world.request(lead_id, 'b2bea_membership');
  await world.work();
  await world.approve(lead_id);
  expect(world.sent).toHaveLength(1);
  const [attempt] = await world.rows<SendAttemptsRow>('send_attempts');
  expect(attempt).toMatchObject({ policy_version: 2 });

  const call = { context: world.context, principal: world.person };
  const shown = await getPolicy.run({ ...call, input: {} });
  expect(shown.document).toMatchObject({ business_hours: { enforce: false }, holidays: { enforce: false } });
  const { items } = await listVersions.run({ ...call, input: { limit: 5 } });
  expect(items.map(({ document }) => document.business_hours)).toMatchObject([
    { enforce: false },
    { enforce: true },
  ]);
  // A version made from the displayed document keeps it, and names every value.
  await putPolicy.run({ ...call, input: { document: shown.document, expected_version: 2 } });
  expect((await orgPolicy({ tx: db, org_id })).policy).toEqual(policy);
});

it('the database accepts no version that omits whether sending hours are enforced, or how many sequences run at once', async () => {
  const world = await createWorld(db);
  const { org_id, person } = world;
  const actors: Actor[] = [
    { org_id, kind: 'human', id: person.kind === 'human' ? person.user_id : '' },
    { org_id, kind: 'system', id: 'setup' },
    { org_id, kind: 'coordinator', id: 'AGT-302' },
  ];
  const open = [
    {},
    { business_hours: { enforce: true } },
    { business_hours: {}, holidays: { enforce: 'yes' } },
    { business_hours: { enforce: true }, holidays: { enforce: true } },
    {
      business_hours: { enforce: true },
      holidays: { enforce: true },
      sequences_per_side: { sales: 1, marketing: 'many' },
    },
  ];
  for (const actor of actors) {
    for (const document of open) {
      const insert = transaction(db.app, actor, (tx) =>
        tx.query(`INSERT INTO policies (org_id, version, document) VALUES ($1, 2, $2)`, [org_id, document]),
      );
      expect(await insert.then(() => null, sqlState), JSON.stringify({ actor, document })).toBe('23514');
    }
  }
});

it('the doctor warns when mail leaves at any hour and the policy does not choose that', async () => {
  const looked = async (business_hours: Record<string, unknown>, mail_leaves: boolean) => {
    const world = await createWorld(db, { policy: { business_hours } });
    const [organization] = await world.rows<OrganizationsRow>('organizations');
    const rest = { is_one_of_many: false, has_model: false };
    const checks = await organizationChecks({
      app: db.app,
      organization: organization!,
      mail_leaves,
      ...rest,
    });
    return checks.find(({ name }) => name === 'policy')?.status;
  };
  expect(await looked({ enforce: false }, true)).toBe('warning');
  expect(await looked({ enforce: false }, false)).toBe('ok');
  expect(await looked({}, true)).toBe('ok');
});

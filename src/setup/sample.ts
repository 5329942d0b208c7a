import { createReadStream } from 'node:fs';
import type { OperationContext } from '../context.ts';
import { findCampaignForRequest, hasSteps } from '../coordinator/gate/campaigns.ts';
import { coordinatorActor, type Scope } from '../coordinator/gate/scope.ts';
import { requestSequences } from '../coordinator/gate/sequence_requests.ts';
import {
  SAMPLE_NAME,
  SAMPLE_POSTAL_ADDRESS,
  UNSET_NAME,
  UNSET_POSTAL_ADDRESS,
} from '../core/organization.ts';
import { transaction } from '../db/pool.ts';
import { leadIdsForSales } from '../db/queries/leads.gen.ts';
import { putSegment } from '../db/queries/plays.gen.ts';
import { importLeads } from '../operations/leads/imports.ts';
import type { Principal } from '../principal.ts';
import type { NewOrganization } from './organization.ts';
import { loadSamplePlays, readSamplePlays } from './sample_plays.ts';

const SAMPLE_LEADS = new URL('../../samples/leads.csv', import.meta.url);
const BATCH = 500;

/** The sample organization: B2BEA and DreamBorn, the brands of the specification. */
export const SAMPLE_ORGANIZATION: NewOrganization = {
  slug: 'redkey',
  name: SAMPLE_NAME,
  time_zone: 'America/New_York',
  postal_address: SAMPLE_POSTAL_ADDRESS,
  is_placeholder: true,
  sender_name: 'Justin',
  sender_address: 'justin@redkey.example',
  clients: [
    { client_id: 'b2bea', name: 'B2BEA' },
    { client_id: 'dreamborn', name: 'DreamBorn' },
  ],
  policy: {},
  policy_note: 'The shipped policy.',
};

/**
 * For an organization whose mail is caught on this machine: night sending disturbs no one, and a newcomer sees an approved
 * message arrive.
 */
export const CAUGHT_MAIL_POLICY: Pick<NewOrganization, 'policy' | 'policy_note'> = {
  policy: {
    business_hours: { enforce: false },
    holidays: { enforce: false },
    mailbox_limits: { enforce: false },
  },
  policy_note:
    'Mail is caught on this machine, so it leaves at any hour and without limits. Enforce business_hours, holidays, and mailbox_limits before real mail leaves.',
};

/** The same without the sample: its admin fills in the organization's details. */
export const EMPTY_ORGANIZATION: NewOrganization = {
  ...SAMPLE_ORGANIZATION,
  slug: 'main',
  name: UNSET_NAME,
  postal_address: UNSET_POSTAL_ADDRESS,
  sender_name: 'Sender',
  sender_address: 'sender@organization.example',
};

/**
 * Names the segments, loads the sample leads and plays, and requests the closing campaign for each lead through the gate:
 * some are enrolled, and the others can be explained. It makes no requests for T3 leads: sales on T3 is a routing error,
 * and fifty warnings at the start would teach people to ignore them.
 */
export async function loadSample(
  context: OperationContext,
  principal: Principal,
  slug: string,
): Promise<void> {
  const body = { stream: createReadStream(SAMPLE_LEADS), media_type: 'text/csv' };
  await importLeads.run({ context, principal, body, input: importLeads.input.parse({}) });
  const { org_id } = principal;
  const now = context.clock.now();
  const plays = readSamplePlays();
  for (const segment of plays.segments) await putSegment.run({ org_id, ...segment, now }, context.db);
  await loadSamplePlays(context, principal, plays);
  let after_id: string | null = null;
  for (;;) {
    const rows: { id: string }[] = await leadIdsForSales.run({ org_id, after_id, limit: BATCH }, context.db);
    if (rows.length === 0) return;
    after_id = rows.at(-1)!.id;
    await transaction(context.db, coordinatorActor(org_id), async (tx) => {
      const scope: Scope = { tx, org_id, clock: context.clock };
      const campaign = await findCampaignForRequest(scope, slug);
      if (campaign === undefined || !hasSteps(campaign))
        throw new Error(`the sample campaign ${slug} is not usable`);
      // The first person is an executive, who may enroll leads in a restricted campaign.
      const asked = {
        requested_by: campaign.owner_role,
        requested_by_user_id: principal.kind === 'human' ? principal.user_id : null,
        entry: { right: 'executive', task_id: null } as const,
      };
      const requests = rows.map(({ id }) => ({ lead_id: id, campaign, ...asked }));
      await requestSequences(scope, requests);
    });
  }
}

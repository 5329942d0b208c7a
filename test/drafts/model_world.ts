import { languageModel } from '../../src/connectors/llm.ts';
import { writeModelDrafts } from '../../src/worker/model_drafts.ts';
import { runStage, STAGES } from '../../src/worker/stages.ts';
import type { TestDb } from '../database.ts';
import { type FakeModel, type FakeRequest, startFakeModel } from '../mail/fake_model.ts';
import { createWorld } from '../world.ts';

export const CAMPAIGN = 'b2bea_membership_close';
export const GOOD = { subject: 'A thought for you', body: 'Hello,\n\nshall we talk on Tuesday?\n\nJustin' };

/** A world with a fake model on this machine that writes drafts with the test's answers. */
export async function modelWorld(db: TestDb, fake: FakeModel, policy: Record<string, unknown> = {}) {
  const world = await createWorld(db, { policy });
  fake.requests.length = 0;
  fake.reply = () => ({ object: GOOD });
  const model = languageModel({ base_url: fake.url, api_key: null, model: 'fake', retry_wait_ms: 1 });
  Object.assign(world.context, { model });
  Object.assign(world.worker_context, { model });
  const { worker_context, org_id } = world;
  return {
    ...world,
    /** Leads whose first step is due and waits for its text. */
    async dueLeads(count: number, columns: Record<string, unknown> = {}): Promise<string[]> {
      const lead_ids: string[] = [];
      for (let n = 0; n < count; n += 1) lead_ids.push(await world.addLead(columns));
      for (const lead_id of lead_ids) await world.request(lead_id, CAMPAIGN);
      await runStage(worker_context, org_id, STAGES.find(({ name }) => name === 'dispatch_steps')!);
      return lead_ids;
    },
    /** Decides and drafts until no work remains, in this org alone, and sends nothing. */
    async draftAll(): Promise<void> {
      for (let found = 1; found > 0; ) {
        found = await writeModelDrafts(worker_context, org_id);
        for (const name of ['dispatch_steps', 'end_exhausted_tasks', 'draft_touches']) {
          found += await runStage(worker_context, org_id, STAGES.find((stage) => stage.name === name)!);
        }
      }
    },
    /** One pass of a worker over drafts for the model. */
    write: () => writeModelDrafts(worker_context, org_id),
    /** The product's last request, verbatim. */
    lastRequest: (): FakeRequest => fake.requests.at(-1)!,
  };
}

/** The text between the marks of a prompt. */
export function dataOf({ prompt }: FakeRequest): Record<string, unknown> {
  return JSON.parse(/^<data>\n([\s\S]*)\n<\/data>$/.exec(prompt)![1]!);
}

export { startFakeModel };

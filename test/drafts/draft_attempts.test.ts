import { expect, it } from 'vitest';
import type { SendOutcome } from '../../src/connectors/connector.ts';
import { draftOperations } from '../../src/operations/drafts/drafts.ts';
import { testDatabase } from '../database.ts';
import { approve, attempts, deliver, scripted } from '../sending/send_world.ts';
import { createWorld, DAY_MS, type World } from '../world.ts';

const { db } = await testDatabase();
const getDraft = draftOperations.find(({ name }) => name === 'get_draft')!;

async function shown(world: World, lead_id: string) {
  const { item } = await world.draftOf(lead_id);
  const call = { context: world.context, principal: world.person, input: { id: item.staged_draft_id! } };
  const draft = getDraft.output.parse(await getDraft.run(call as never));
  return { draft, text: getDraft.text!(draft as never) };
}

/** A lead whose first message was sent and whose second one gets this outcome. */
async function second(outcome: SendOutcome) {
  const world = await createWorld(db);
  const lead_id = await world.addLead();
  await world.request(lead_id, 'b2bea_membership_close');
  await world.work();
  const before = await shown(world, lead_id);
  await world.approve(lead_id);
  const first = await shown(world, lead_id);
  world.clock.advance(3 * DAY_MS);
  await world.work();
  await approve(world, lead_id);
  const answering = scripted(async (_message, hooks) => {
    await hooks.beforeData?.();
    return outcome;
  });
  await deliver(world, answering);
  const [one, two] = await attempts(world);
  return { before, first, second: await shown(world, lead_id), one: one!, two: two! };
}

it.each<[string, SendOutcome, string]>([
  [
    'refused',
    { kind: 'rejected', smtp_code: 554, response: '554 5.6.0 no', scope: 'message', stage: 'data' },
    'rejected',
  ],
  ['unknown', { kind: 'unknown', response: 'the line broke' }, 'unknown'],
  ['put off', { kind: 'deferred', response: '451 4.7.1 later' }, 'deferred'],
])(
  'a draft whose message was %s names that message and the one it answers',
  async (_name, outcome, stage) => {
    const { before, first, second: last, one, two } = await second(outcome);
    expect(before.draft).toMatchObject({ last_attempt: null });
    expect(first.draft).toMatchObject({
      last_attempt: { message_id: one.message_id, in_reply_to: null, stage: 'accepted' },
    });
    expect(last.draft).toMatchObject({
      last_attempt: { message_id: two.message_id, in_reply_to: one.message_id, stage },
    });
    expect(last.text).toContain(`message       ${two.message_id}, in reply to ${one.message_id}`);
    expect(last.text).toContain('response' in outcome ? outcome.response : '');
  },
);

import { describe, expect, it } from 'vitest';
import type { MailSender, SendOutcome } from '../../src/connectors/connector.ts';
import { approveDraft, editDraft } from '../../src/operations/drafts/decisions.ts';
import { optOutLead } from '../../src/operations/leads/opt_out.ts';
import { sendQueueOperations } from '../../src/operations/sending/send_queue.ts';
import type { SalesSendQueueRow, TouchesRow } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { createWorld, DAY_MS, HOUR_MS, type World } from '../world.ts';

const { db } = await testDatabase();

describe('responses of a mail server', () => {
  const sender = (outcome: () => SendOutcome): MailSender => ({
    send: async (_message, hooks) =>
      (await hooks?.beforeData?.()) === false ? { kind: 'canceled' } : outcome(),
    verify: async () => {},
    close: async () => {},
  });

  async function sendOne(outcome: () => SendOutcome) {
    const world = await createWorld(db, { mail: sender(outcome) });
    const lead_id = await world.addLead();
    await world.request(lead_id, 'b2bea_membership_close');
    await world.work();
    await world.approve(lead_id);
    return { world, lead_id };
  }

  it('unknown: counts, stops the lead, and is never resent automatically', async () => {
    const { world, lead_id } = await sendOne(() => ({ kind: 'unknown', response: 'gone' }));
    expect((await world.draftOf(lead_id)).item.status).toBe('unknown');
    expect(await world.rows<TouchesRow>('touches')).toMatchObject([{ outcome: 'unknown' }]);
    expect(await world.rows('flags')).toMatchObject([{ kind: 'send_unknown' }]);
    expect(await world.rows('leads')).toMatchObject([{ cadence_state: 'paused' }]);
    world.clock.advance(30 * DAY_MS);
    await world.work();
    expect(await world.rows('send_attempts')).toHaveLength(1);
  });

  it('unknown, then confirmed as not sent: the message may be written and approved again', async () => {
    let tries = 0;
    const { world, lead_id } = await sendOne(() => {
      tries += 1;
      return tries === 1 ? { kind: 'unknown', response: 'gone' } : { kind: 'sent', response: '250 ok' };
    });
    const call = { context: world.context, principal: world.person };
    const { draft, item } = await world.draftOf(lead_id);
    const resolve = sendQueueOperations.find(({ name }) => name === 'resolve_queue_item')!;
    await resolve.run({ ...call, input: { id: item.id, went: false } as never });
    expect(await world.rows('flags', 'resolved_at IS NULL')).toHaveLength(0);
    expect(await world.rows('leads')).toMatchObject([{ cadence_state: 'closing' }]);
    await world.work();
    expect(tries).toBe(1);
    const input = { id: draft.id, content_hash: draft.content_hash, body: 'Once more.' };
    const edited = await editDraft.run({ ...call, input });
    await approveDraft.run({ ...call, input: { id: edited.id, content_hash: edited.content_hash } });
    await world.work();
    expect((await world.draftOf(lead_id)).item.status).toBe('sent');
    expect(tries).toBe(2);
  });

  it('deferred: retried later, and counted once', async () => {
    let tries = 0;
    const { world, lead_id } = await sendOne(() => {
      tries += 1;
      return tries < 3 ? { kind: 'deferred', response: '451 later' } : { kind: 'sent', response: '250 ok' };
    });
    for (let hour = 0; hour < 3; hour += 1) {
      world.clock.advance(HOUR_MS);
      await world.work();
    }
    expect((await world.draftOf(lead_id)).item.status).toBe('sent');
    const touches = await world.rows<TouchesRow>('touches');
    expect(touches.map((touch) => touch.outcome).sort()).toEqual(['sent', 'void', 'void']);
    const attempts = await world.rows<{ message_id: string }>('send_attempts');
    expect(new Set(attempts.map((attempt) => attempt.message_id)).size).toBe(1);
  });

  it('permanently rejected: the address is never tried again', async () => {
    const { world, lead_id } = await sendOne(() => ({
      kind: 'rejected',
      smtp_code: 550,
      enhanced_code: '5.1.1',
      response: 'no such user',
      scope: 'recipient',
    }));
    expect((await world.draftOf(lead_id)).item.status).toBe('failed');
    expect(await world.rows('suppressions')).toHaveLength(1);
    expect(await world.rows('campaign_contacts')).toMatchObject([{ status: 'rejected' }]);
  });

  it('rejected because of the sender: the lead is not affected', async () => {
    const { world, lead_id } = await sendOne(() => ({
      kind: 'rejected',
      smtp_code: 550,
      enhanced_code: '5.1.8',
      response: 'bad sender',
      scope: 'sender',
    }));
    // The mailbox is paused; the message waits for it.
    expect((await world.draftOf(lead_id)).item.status).toBe('approved');
    expect(await world.rows('mailboxes', `paused_by = 'server'`)).toHaveLength(1);
    expect(await world.rows('suppressions')).toHaveLength(0);
  });
});

describe('changes during the hand-over of a message', () => {
  /** A mail server session with an action in it: before the point of no return, or after it. */
  async function during(
    moment: 'before' | 'after',
    act: (world: World, lead_id: string) => Promise<unknown>,
  ) {
    const left: string[] = [];
    let world: World | undefined;
    let lead_id = '';
    let done: unknown;
    const mail: MailSender = {
      async send(message, hooks) {
        if (moment === 'before') done = await act(world!, lead_id);
        if (!(await hooks!.beforeData!())) return { kind: 'canceled' };
        if (moment === 'after') done = await act(world!, lead_id);
        left.push(message.text);
        return { kind: 'sent', response: '250 ok' };
      },
      verify: async () => {},
      close: async () => {},
    };
    world = await createWorld(db, { mail });
    lead_id = await world.addLead();
    await world.request(lead_id, 'b2bea_membership_close');
    await world.work();
    await world.approve(lead_id);
    const [item] = await world.rows<SalesSendQueueRow>('sales_send_queue');
    return { world, left, item: item!, done };
  }

  const edit = async (world: World, lead_id: string) => {
    const { draft } = await world.draftOf(lead_id);
    const input = { id: draft.id, content_hash: draft.content_hash, body: 'Other text.' };
    const call = { context: world.context, principal: world.person, input };
    return editDraft.run(call).then(
      () => 'edited',
      (error: { code: string }) => error.code,
    );
  };
  const optOut = (world: World, lead_id: string) =>
    optOutLead.run({
      context: world.context,
      principal: world.person,
      input: optOutLead.input.parse({ id: lead_id, reason: 'asked by phone' }),
    });

  it.each(['before', 'after'] as const)('an edit %s the point of no return is refused', async (moment) => {
    const { left, item, done } = await during(moment, edit);
    expect(done).toBe('already_leaving');
    expect(left).toHaveLength(1);
    expect(left[0]).not.toBe('Other text.');
    expect(item.status).toBe('sent');
  });

  it('an opt-out before it stops the message', async () => {
    const { world, left, item } = await during('before', optOut);
    expect(left).toEqual([]);
    expect(item.status).toBe('canceled');
    expect(await world.rows<TouchesRow>('touches')).toMatchObject([{ outcome: 'void' }]);
    expect(await world.rows('send_attempts')).toMatchObject([{ stage: 'abandoned' }]);
  });

  it('an opt-out after it comes too late, and says so', async () => {
    const { world, left, item } = await during('after', optOut);
    expect(left).toHaveLength(1);
    expect(item.status).toBe('sent');
    expect(await world.rows<TouchesRow>('touches')).toMatchObject([{ outcome: 'sent' }]);
    expect(await world.rows('campaign_contacts')).toMatchObject([{ status: 'rejected' }]);
  });
});

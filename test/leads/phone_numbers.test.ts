import { describe, expect, it } from 'vitest';
import { readCell } from '../../src/operations/leads/import_cells.ts';
import { e164 } from '../../src/phone_number.ts';
import type { CampaignContactsRow, LeadSignalsRow, LeadsRow } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { taskWorld } from '../tasks/task_calls.ts';

/* Phone numbers of leads have one spelling, however they are entered. */

const { db } = await testDatabase();
const PHONE = '+12025550123';

describe('a number', () => {
  it.each([
    ['+1 (202) 555-0123', PHONE],
    ['+1.202.555.0123', PHONE],
    ['001 202 555 0123', PHONE],
    ['tel:+1-202-555-0123', PHONE],
    [' +44 7700 900123 ', '+447700900123'],
    ['+49 (0) 30 901820', '+4930901820'],
    ['202 555 0123', null],
    ['+1 202 555 0123 ext. 5', null],
    ['+1 202', null],
    ['+999 202 555 0123', null],
    ['call me', null],
    ['', null],
  ])('%s is kept as %s', (given, kept) => {
    expect(e164(given)).toBe(kept);
    const cell = kept === null ? { code: 'phone_invalid' } : { value: kept };
    if (given.trim() !== '')
      expect(readCell('phone', given, { now_ms: 0, owners: new Map() })).toMatchObject(cell);
  });
});

it('is patched in any spelling, or refused with its path', async () => {
  const world = await taskWorld(db);
  const id = await world.addLead();
  expect(await world.call('patch_lead', world.person, { id, phone: '+1 202-555-0123' })).toMatchObject({
    phone: PHONE,
  });
  const { code, errors } = await world.refused('patch_lead', world.person, { id, phone: '202 555 0123' });
  expect({ code, errors }).toMatchObject({ code: 'input_invalid', errors: [{ path: 'phone' }] });
  expect(await world.call('patch_lead', world.person, { id, phone: null })).toMatchObject({ phone: null });
});

it('that is added continues the enrollment that waited for it', async () => {
  const world = await taskWorld(db);
  const yaml = `slug: phoned\nname: Phoned\nclient: b2bea\ntype: event\nowner_role: roles.bdr\nsteps:
  - { step_number: 1, delay_days: 0, channel: call, content_type: follow_up, when_unreachable: ask,
      template_instructions: Say hello., template: { body: Hello } }`;
  await world.call('import_campaign', world.person, { yaml });
  const id = await world.addLead();
  await world.request(id, 'phoned');
  await world.work();
  const enrollment = async () => (await world.rows<CampaignContactsRow>('campaign_contacts'))[0]!;
  expect(await enrollment()).toMatchObject({
    status: 'paused',
    paused_reason: 'unreachable',
    wake: 'address_known',
  });
  await world.call('patch_lead', world.person, { id, phone: PHONE });
  await world.work();
  expect(await enrollment()).toMatchObject({ status: 'active', paused_reason: null });
  expect(await world.draftOf(id)).toMatchObject({ draft: { channel: 'call', to_id: PHONE } });
});

describe('of an erased lead', () => {
  const notes = async (with_twin: boolean) => {
    const world = await taskWorld(db);
    const id = await world.addLead({ first_name: null, phone: PHONE });
    if (with_twin) await world.addLead({ phone: PHONE });
    const other = await world.addLead();
    const detail = 'Call +1 (202) 555-0123 or 1.202.555.01 23, not +1 202 555 01234.';
    await world.call('record_signal', world.person, { id: other, side: 'sales', detail });
    await world.call('erase_lead', world.person, { id, reason: 'They asked us to.' });
    const [lead] = await world.rows<LeadsRow>('leads', `id = '${id}'`);
    expect(lead!.phone).toBeNull();
    return (await world.rows<LeadSignalsRow>('lead_signals', `lead_id = '${other}'`))[0]!.detail;
  };

  it('is replaced in rows of other leads, however its digits are grouped', async () => {
    expect(await notes(false)).toBe('Call (erased) or (erased), not +1 202 555 01234.');
  });

  it('stays where another lead has the same number', async () => {
    expect(await notes(true)).toContain('+1 (202) 555-0123');
  });
});

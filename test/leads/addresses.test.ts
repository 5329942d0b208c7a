import { describe, expect, it } from 'vitest';
import { sequenceBatchOperations } from '../../src/operations/campaigns/sequence_batches.ts';
import { sequenceRequestOperations } from '../../src/operations/campaigns/sequence_requests.ts';
import { findLead } from '../../src/operations/leads/access.ts';
import { leadAddressOperations } from '../../src/operations/leads/addresses.ts';
import { leadOperations } from '../../src/operations/leads/leads.ts';
import { optOutLead } from '../../src/operations/leads/opt_out.ts';
import { suppressionListOperations } from '../../src/operations/leads/suppression_list.ts';
import { attackersOf } from '../database/attackers.ts';
import { testDatabase } from '../database.ts';
import { createWorld, type World } from '../world.ts';
import { readOf } from './explain_world.ts';
import { importFile } from './import_world.ts';

/* A lead is a person with several addresses; each belongs to one person of the organization. */

const { db } = await testDatabase();
const [add, change] = leadAddressOperations;
const [request] = sequenceRequestOperations;
const [requestMany] = sequenceBatchOperations;
const patch = leadOperations.find(({ name }) => name === 'patch_lead')!;

type Lead = {
  id: string;
  email: string;
  addresses: { id: string; kind: string; value: string; is_primary: boolean; until: Date | null }[];
};

const addAddress = (world: World, id: string, value: string, more: Record<string, unknown> = {}) =>
  readOf<Lead>(world, add, { id, value, ...more });
const emailsOf = (lead: Lead) =>
  lead.addresses.flatMap(({ kind, value, is_primary, until }) =>
    kind === 'email' && until === null ? [is_primary ? `*${value}` : value] : [],
  );
const add_suppression = (world: World, value: string) =>
  readOf(world, suppressionListOperations.find(({ name }) => name === 'add_suppressions')!, {
    values: [value],
    reason: 'asked by phone',
  });
const found = async (world: World, key: string) => (await findLead(world.context.db, world.org_id, key)).id;

describe('addresses of a lead', () => {
  it('finds the lead by any of them, and keeps the former primary one', async () => {
    const world = await createWorld(db);
    const id = await world.addLead({ email: 'ann@acme.example', phone: '+12025550101' });
    world.clock.advance(1_000);
    await addAddress(world, id, 'Ann@Home.example');
    const lead = await addAddress(world, 'ann@home.example', 'ann@new.example', { is_primary: true });
    expect(lead.email).toBe('ann@new.example');
    expect(emailsOf(lead)).toEqual(['*ann@new.example', 'ann@acme.example', 'Ann@home.example']);
    for (const key of ['ann@acme.example', 'ANN@home.example', 'ann@new.example']) {
      expect(await found(world, key)).toBe(id);
    }
    const patched = await readOf<Lead>(world, patch, { id, phone: '+12025550102' });
    const phones = patched.addresses.flatMap(({ kind, value }) => (kind === 'phone' ? value : []));
    expect(phones).toEqual(['+12025550102', '+12025550101']);
  });

  it('lists the lead by the beginning of any address in force, as people write or copy it', async () => {
    const world = await createWorld(db);
    const id = await world.addLead({ email: 'ann@acme.example', phone: '+12025550111' });
    await addAddress(world, id, 'second@home.example');
    await addAddress(world, id, 'https://www.linkedin.example/in/ann-other', { kind: 'linkedin' });
    const list = leadOperations.find(({ name }) => name === 'list_leads')!;
    const listed = async (q: string) =>
      (await readOf<{ items: Lead[] }>(world, list, { q })).items.map((lead) => lead.id);
    const written = [
      'second@',
      'SECOND@home',
      '+1 202 555-0111',
      'https://uk.linkedin.example/in/Ann-other/',
    ];
    for (const q of written) expect([q, await listed(q)]).toEqual([q, [id]]);
    expect(await listed('third@')).toEqual([]);
  });

  it('finds the lead by a profile, a number, or its CRM record, alone and in a list of requests', async () => {
    const world = await createWorld(db);
    const crm_contact_id = '0f8fad5b-d9cb-469f-a165-70867728950e';
    const id = await world.addLead({
      email: 'ann@acme.example',
      crm_contact_id,
      phone: '+12025550101',
      linkedin_url: 'https://linkedin.example/in/ann',
    });
    const bo = await world.addLead({ email: 'bo@acme.example', crm_contact_id: id });
    await addAddress(world, id, '+442071838750', { kind: 'phone' });
    await addAddress(world, id, 'https://www.linkedin.example/in/Ann-Doe/', { kind: 'linkedin' });
    const keys = [
      ...[id, crm_contact_id, 'ANN@acme.example', '+1 (202) 555-0101', '00442071838750'],
      ...['linkedin.example/in/ann', 'http://de.linkedin.example/in/ann-doe?trk=x'],
    ];
    for (const key of keys) expect(await found(world, key), key).toBe(id);
    const input = { leads: [...keys, 'nobody', 'Nobody', 'bo@acme.example'], dry_run: true };
    const campaign_slug = 'b2bea_membership_close';
    const { counts, items } = await readOf<{
      counts: Record<string, number>;
      items: { lead_id: string | null }[];
    }>(world, requestMany, { campaign_slug, ...input });
    expect(counts).toMatchObject({ allow: 2, unknown_lead: 1 });
    expect(items.map(({ lead_id }) => lead_id)).toEqual([...keys.map(() => id), null, null, bo]);
    const one = await readOf(world, request, { lead_id: '+442071838750', campaign_slug, dry_run: true });
    expect(one).toMatchObject({ outcome: 'allow' });
  });

  it('refuses an address of another lead, and frees one that ended', async () => {
    const world = await createWorld(db);
    const ann = await world.addLead({ email: 'ann@acme.example' });
    const bo = await world.addLead({ email: 'bo@acme.example' });
    const second = await addAddress(world, ann, 'shared@acme.example');
    await expect(addAddress(world, bo, 'SHARED@acme.example')).rejects.toMatchObject({
      code: 'address_taken',
      errors: [{ path: 'value' }],
    });
    const { id: address_id } = second.addresses.find(({ value }) => value === 'shared@acme.example')!;
    await readOf(world, change, { id: address_id, is_ended: true });
    expect(emailsOf(await addAddress(world, bo, 'shared@acme.example'))).toContain('shared@acme.example');
    expect(await found(world, 'shared@acme.example')).toBe(bo);
  });

  it('ends no primary address, and reads each kind', async () => {
    const world = await createWorld(db);
    const id = await world.addLead({ email: 'ann@acme.example' });
    const lead = await addAddress(world, id, 'ann@home.example');
    const primary = lead.addresses.find(({ is_primary, kind }) => is_primary && kind === 'email')!;
    const ending = readOf(world, change, { id: primary.id, is_ended: true });
    await expect(ending).rejects.toMatchObject({ code: 'address_primary' });
    for (const [kind, value] of [
      ['email', 'not an address'],
      ['phone', '12345'],
      ['linkedin', 'https://linkedin.example/company/acme'],
      ['linkedin', 'https://elsewhere.example/in/ann'],
    ] as const) {
      await expect(addAddress(world, id, value, { kind })).rejects.toMatchObject({
        code: 'address_invalid',
        errors: [{ path: 'value' }],
      });
    }
    const called = await addAddress(world, id, '+1 (202) 555-0177', { kind: 'phone' });
    expect(called.addresses.map(({ value }) => value)).toContain('+12025550177');
  });

  it('treats one profile under several spellings as one', async () => {
    const world = await createWorld(db);
    const id = await world.addLead({ linkedin_url: 'https://www.linkedin.com/in/Ann-Doe/?trk=x' });
    const other = await world.addLead({ email: 'ann2@acme.example', linkedin_url: null });
    const taken = addAddress(world, other, 'http://de.linkedin.com/in/ann-doe', { kind: 'linkedin' });
    await expect(taken).rejects.toMatchObject({ code: 'address_taken' });
    expect((await addAddress(world, id, 'https://linkedin.com/in/ann-doe/', { kind: 'linkedin' })).id).toBe(
      id,
    );
  });

  it('suggests a lead with the same profile, or the same name at one company, once', async () => {
    const world = await createWorld(db);
    const profile = { linkedin_url: 'https://linkedin.example/in/ann' };
    const ann = await world.addLead({ ...profile, first_name: 'Ann', last_name: 'Doe' });
    const [{ account_id }] = (await world.rows<{ account_id: string }>('leads', `id = '${ann}'`)) as [
      { account_id: string },
    ];
    await world.addLead({ ...profile });
    await world.addLead({ account_id, first_name: 'ann', last_name: 'DOE', linkedin_url: null });
    await world.addLead({ first_name: 'Ann', last_name: 'Doe', linkedin_url: null });
    const suggested = await world.rows<{ reason: string; lead_id: string }>('lead_merge_suggestions');
    expect(suggested.map(({ reason }) => reason).sort()).toEqual(['same_name_and_company', 'same_profile']);
    expect(new Set(suggested.map(({ lead_id }) => lead_id))).toEqual(new Set([ann]));
  });
});

describe('an opt-out', () => {
  const suppressed = async (world: World) =>
    (await world.rows<{ value: string }>('suppressions', 'lifted_at IS NULL ORDER BY value')).map(
      ({ value }) => value,
    );
  const optOut = (world: World, id: string, action: 'set' | 'lift') =>
    readOf(world, optOutLead, { id, action, reason: 'asked by phone' });

  it('suppresses every address, also one added later, and lifting it lifts them', async () => {
    const world = await createWorld(db);
    const id = await world.addLead({ email: 'ann@acme.example' });
    await addAddress(world, id, 'ann@home.example');
    await add_suppression(world, 'ann@acme.example');
    await optOut(world, id, 'set');
    await addAddress(world, id, 'ann@third.example');
    // The address that a person suppressed is suppressed twice.
    expect(await suppressed(world)).toEqual([
      ...['ann@acme.example', 'ann@acme.example', 'ann@home.example', 'ann@third.example'],
    ]);
    await optOut(world, id, 'lift');
    expect(await suppressed(world)).toEqual(['ann@acme.example']);
  });

  it('in a file holds for the addresses of the file', async () => {
    const world = await createWorld(db);
    const head = 'Email,Opted out,CRM ID\n';
    await importFile(world, `${head}bo@acme.example,,crm-9\nbo@home.example,yes,crm-9\n`);
    expect(await world.rows('leads', 'opt_out_flag')).toHaveLength(1);
    expect(await suppressed(world)).toEqual(['bo@acme.example', 'bo@home.example']);
  });
});

describe('in the database', () => {
  it('has one lead for an address, also for 64 connections at once', async () => {
    const world = await createWorld(db);
    const ids: string[] = [];
    for (let count = 0; count < 64; count += 1) ids.push(await world.addLead({ linkedin_url: null }));
    const added = await Promise.allSettled(ids.map((id) => addAddress(world, id, 'same@acme.example')));
    expect(added.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await world.rows('lead_addresses', `value_key = 'same@acme.example'`)).toHaveLength(1);
  });

  it('refuses a second lead, a second owner, and a second CRM record by direct SQL', async () => {
    const world = await createWorld(db);
    const ann = await world.addLead({ email: 'ann@acme.example', crm_contact_id: 'crm-1' });
    const bo = await world.addLead({ email: 'bo@acme.example' });
    await addAddress(world, ann, 'ann@home.example');
    const { org_id } = world;
    const inserting = (more: string, values: string) =>
      db.query(`INSERT INTO leads (org_id, id, ${more}) VALUES ($1, gen_random_uuid(), ${values})`, [org_id]);
    const brokenBy = (running: Promise<unknown>) =>
      running.then(
        () => 'none',
        (error: { constraint?: string }) => error.constraint,
      );
    expect(await brokenBy(inserting('email', `'ANN@home.example'`))).toBe('lead_addresses_email_uniq');
    const crm_twice = inserting('email, crm_contact_id', `'x@acme.example', 'crm-1'`);
    expect(await brokenBy(crm_twice)).toBe('leads_crm_contact_uniq');
    const taking = db.query(`UPDATE leads SET email = 'ann@home.example' WHERE id = $1`, [bo]);
    expect(await brokenBy(taking)).toBe('lead_addresses_email_uniq');
  });

  it('never makes an address another one, moves it, or calls it primary against its lead', async () => {
    const world = await createWorld(db);
    const ann = await world.addLead({ email: 'ann@acme.example' });
    const bo = await world.addLead({ email: 'bo@acme.example' });
    await addAddress(world, ann, 'ann@home.example');
    const of = `lead_id = '${ann}' AND value = 'ann@home.example'`;
    const { tried } = await attackersOf(db, world);
    const refused = async (sql: string) =>
      Object.values(await tried([sql], ['admin', 'rep', 'coordinator', 'system']));
    expect(await refused(`UPDATE lead_addresses SET value = 'x@acme.example' WHERE ${of}`)).toEqual(
      Array(4).fill('TL012'),
    );
    expect(await refused(`UPDATE lead_addresses SET lead_id = '${bo}' WHERE ${of}`)).toEqual(
      Array(4).fill('TL012'),
    );
    expect(await refused(`UPDATE lead_addresses SET is_primary = true WHERE ${of}`)).toEqual(
      Array(4).fill('TL001'),
    );
    expect(await refused(`DELETE FROM lead_addresses WHERE ${of}`)).toEqual(Array(4).fill('TL003'));
  });
});

describe('imports', () => {
  it('finds the person by a further address, by the CRM record, and by the profile with the name', async () => {
    const world = await createWorld(db);
    const head = 'Email,First name,Last name,Title,CRM ID,LinkedIn\n';
    await importFile(world, `${head}ann@acme.example,Ann,Doe,CFO,crm-7,https://linkedin.com/in/anndoe\n`);
    const id = await found(world, 'ann@acme.example');
    await addAddress(world, id, 'ann@home.example');
    const answer = await importFile(
      world,
      `${head}ann@home.example,Ann,Doe,CEO,,\nann@third.example,Ann,Doe,,crm-7,\nann@fourth.example,Ann,Doe,,,https://linkedin.com/in/AnnDoe/\n`,
    );
    expect(answer).toMatchObject({ created_count: 0 });
    for (const key of ['ann@home.example', 'ann@third.example', 'ann@fourth.example']) {
      expect(await found(world, key)).toBe(id);
    }
    const lead = await findLead(world.context.db, world.org_id, id);
    expect(lead).toMatchObject({ email: 'ann@acme.example', title: 'CEO' });
    expect(await world.rows('leads')).toHaveLength(1);
  });

  it('keeps people apart that share a profile by mistake, and drops no address', async () => {
    const world = await createWorld(db);
    const head = 'Email,First name,Last name,LinkedIn,Phone\n';
    const shared = 'https://linkedin.com/in/acme,+1 202 555 0100';
    await importFile(world, `${head}ann@acme.example,Ann,Doe,${shared}\nbo@acme.example,Bo,Roe,${shared}\n`);
    expect(await world.rows('leads')).toHaveLength(2);
    const suggested = await world.rows<{ reason: string }>('lead_merge_suggestions');
    expect(suggested.map(({ reason }) => reason)).toEqual(['same_profile']);
  });
});

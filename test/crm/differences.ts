import type { IncomingWorld } from './incoming_world.ts';

type Values = Map<string, { [key: string]: unknown }[]>;

/**
 * Compares every record of the double with the product's rows, written on its own: values that the CRM has must be here, and each
 * record has exactly one row.
 */
export async function differencesOf(world: IncomingWorld): Promise<string[]> {
  const leads = await world.rows<Record<string, unknown>>('leads', 'erased_at IS NULL');
  const accounts = await world.rows<Record<string, unknown>>('accounts');
  const deals = await world.rows<Record<string, unknown>>('opportunities');
  const addresses = await world.rows<Record<string, unknown>>('lead_addresses', `kind = 'email'`);
  const complaints: string[] = [];
  const stages = (await world.rows<{ stages: Record<string, string> }>('crm_connections'))[0]!.stages;
  const compare = (id: string, what: string, own: unknown, theirs: unknown) => {
    if (theirs !== undefined && theirs !== null && theirs !== '' && own !== theirs)
      complaints.push(`${what} of ${id}: ${own}, not ${theirs}`);
  };
  for (const { object, record_id, values } of world.double.world.records.values()) {
    const one = (slug: string) => (values as Values).get(slug)?.[0] ?? {};
    const rows = object === 'people' ? leads : object === 'companies' ? accounts : deals;
    const key =
      object === 'people' ? 'crm_contact_id' : object === 'companies' ? 'crm_account_id' : 'crm_deal_id';
    const found = rows.filter((row) => row[key] === record_id);
    if (found.length !== 1) {
      complaints.push(`${object} ${record_id} has ${found.length} rows`);
      continue;
    }
    const row = found[0]!;
    if (object === 'people') {
      compare(record_id, 'first name', row.first_name, one('name').first_name);
      compare(record_id, 'last name', row.last_name, one('name').last_name);
      compare(record_id, 'title', row.title, one('job_title').value);
      compare(record_id, 'opt-out', row.opt_out_flag, one('touchline_opt_out').value || undefined);
      const company = accounts.find((account) => account.id === row.account_id)?.crm_account_id;
      compare(record_id, 'company', company, one('company').target_record_id);
      for (const { email_address } of (values as Values).get('email_addresses') ?? []) {
        const held = addresses.some((own) => own.lead_id === row.id && own.value === email_address);
        if (!held) complaints.push(`${record_id} lacks the address ${email_address}`);
      }
    } else if (object === 'companies') {
      compare(record_id, 'name', row.name, one('name').value);
      compare(record_id, 'domain', row.domain, one('domains').domain);
    } else {
      compare(record_id, 'name', row.name, one('name').value);
      const status = (one('stage').status as { id: { status_id: string } } | undefined)?.id.status_id;
      compare(record_id, 'stage', stages[row.stage as string], status);
      const value = one('value').currency_value as number | undefined;
      compare(
        record_id,
        'amount',
        Number(row.amount_cents),
        value === undefined ? null : Math.round(value * 100),
      );
    }
  }
  const records = world.double.world.records;
  for (const lead of leads)
    if (
      lead.crm_contact_id !== null &&
      !records.has(lead.crm_contact_id as string) &&
      lead.cadence_paused_at === null
    )
      complaints.push(`lead ${lead.id} has a record that is gone, and is not paused`);
  return complaints;
}

/** What a file may say about a lead, as people call it. */
export const IMPORT_FIELDS = [
  ['email', 'E-mail address'],
  ['first_name', 'First name'],
  ['last_name', 'Last name'],
  ['title', 'Title'],
  ['company', 'Company'],
  ['company_domain', 'Company’s domain'],
  ['icp_tier', 'Tier'],
  ['segment', 'Segment'],
  ['vertical', 'Industry'],
  ['lifecycle_stage', 'Stage'],
  ['country', 'Country'],
  ['time_zone', 'Time zone'],
  ['linkedin_url', 'LinkedIn profile'],
  ['crm_contact_id', 'Record in the CRM'],
  ['unsubscribe_flag', 'Unsubscribed'],
  ['opt_out_flag', 'Opted out'],
  ['abm_active', 'ABM works the company'],
  ['sales_signal_at', 'Sales signal, when'],
  ['marketing_signal_at', 'Marketing signal, when'],
  ['intent_signals', 'Interest'],
] as const;

export type ImportField = (typeof IMPORT_FIELDS)[number][0];

/** Which column each field is read from; a field that is missing is not read. */
export type Columns = Readonly<Partial<Record<ImportField, string>>>;

/** For the server, which reads known headers by itself: so every field is named, also those that are not to be read. */
export function mappingOf(columns: Columns): string {
  return JSON.stringify(Object.fromEntries(IMPORT_FIELDS.map(([field]) => [field, columns[field] ?? null])));
}

/** Reads a column as a field, and as nothing else; whatever was read as that field before is not read any more. */
export function withColumn(columns: Columns, header: string, field: ImportField | null): Columns {
  const others = Object.entries(columns).filter(([known, from]) => from !== header && known !== field);
  return Object.fromEntries(field === null ? others : [...others, [field, header]]) as Columns;
}

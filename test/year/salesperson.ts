import type { AttioDouble } from '../connectors/attio_double.ts';

/* The deeds of a salesperson in the CRM. Each answers whether it could be done yet. */

export function optOutInCrm(double: AttioDouble, email: string): boolean {
  return change(double, 'people', recordOf(double, email), { touchline_opt_out: true });
}

export function moveDeal(double: AttioDouble, email: string, stage: string): boolean {
  return change(double, 'deals', dealOf(double, email), { stage });
}

/** The deal of a person. A salesperson sees it once its first touch has moved it. */
export function dealOf(double: AttioDouble, email: string): string | undefined {
  const person_id = recordOf(double, email);
  const is_in_progress = (status: unknown) =>
    (status as { title?: string } | undefined)?.title === 'In Progress';
  return recordsOf(double, 'deals').find(
    ({ values }) =>
      person_id !== undefined &&
      values.get('associated_people')?.[0]?.target_record_id === person_id &&
      is_in_progress(values.get('stage')?.[0]?.status),
  )?.record_id;
}

function recordOf(double: AttioDouble, email: string): string | undefined {
  return recordsOf(double, 'people').find(({ values }) =>
    values.get('email_addresses')?.some(({ email_address }) => email_address === email),
  )?.record_id;
}

const recordsOf = ({ world }: AttioDouble, object: string) =>
  [...world.records.values()].filter((record) => record.object === object);

function change(double: AttioDouble, object: string, record_id: string | undefined, values: object): boolean {
  if (record_id === undefined) return false;
  double.asMember('PATCH', `/v2/objects/${object}/records/${record_id}`, { data: { values } });
  return true;
}

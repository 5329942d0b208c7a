import type { DoubleWorld, Stored } from '../connectors/crm/double_world.ts';
import { CAMPAIGNS, type Fate, type Person, REPLIES } from './script.ts';

/* The contents that the CRM must have at the end of the year, by the script and by the messages that arrived, and by nothing else. */

/** A message that arrived: of which step, by its subject. */
export type Arrived = { email: string; step: number };

export type Listed = {
  deals: string[];
  activities: string[];
  tasks: string[];
  people: string[];
  companies: string[];
};

/** The stage in which each fate leaves a deal. A deal that a salesperson moved stays where it was moved. */
const STAGE: Record<Fate, 'In Progress' | 'Won' | 'Lost'> = {
  silent: 'Lost',
  converts: 'Won',
  rejects: 'Lost',
  declines: 'Lost',
  asks: 'Won',
  unsubscribes: 'In Progress',
  opted_out_here: 'In Progress',
  opted_out_in_crm: 'In Progress',
  won_in_crm: 'Won',
  lost_in_crm: 'Lost',
  erased: 'In Progress',
  archived: 'In Progress',
};
/** Their deals stay open, so a task asks the owner. */
const LEFT_OPEN: readonly Fate[] = ['unsubscribes', 'opted_out_here', 'opted_out_in_crm', 'archived'];

const ERASED = 'an erased person';
const isSold = ({ campaign }: Person) => CAMPAIGNS[campaign].owner_role === 'roles.sales';

export function expectedOf(people: readonly Person[], arrived: readonly Arrived[]): Listed {
  const kept = people.filter(({ fate }) => fate !== 'erased');
  const sold = kept.filter(isSold);
  const activities = kept.flatMap(({ email, campaign, fate }) => {
    const steps = arrived.filter((one) => one.email === email).map(({ step }) => step);
    const notes = steps.map((step) => `${email}: Email: sent, ${CAMPAIGNS[campaign].name}, step ${step}`);
    const reply = REPLIES[fate];
    // The answer came after the first message, which a second one may have crossed.
    return reply === undefined ? notes : [...notes, `${email}: Reply: ${reply.intent}`];
  });
  return {
    deals: sold
      .map(
        ({ email, company, campaign, fate }) =>
          `${company}: ${CAMPAIGNS[campaign].name} (${email}): ${STAGE[fate]}`,
      )
      .sort(),
    activities: activities.sort(),
    tasks: [
      ...sold.filter(({ fate }) => LEFT_OPEN.includes(fate)).map(({ email }) => email),
      // The deal of an erased person is decided on too, without their name.
      ...people.filter((one) => one.fate === 'erased' && isSold(one)).map(() => ERASED),
    ].sort(),
    people: kept.map(({ email }) => email).sort(),
    companies: [...new Set(people.map(({ domain }) => domain))].sort(),
  };
}

/** The contents of the CRM. A deal of an erased person has neither person nor name, and is left out. */
export function actualOf(world: DoubleWorld): Listed {
  const of = (object: string) => [...world.records.values()].filter((record) => record.object === object);
  const email_of = new Map(
    of('people').map((record) => [record.record_id, textOf(record, 'email_addresses')]),
  );
  const person_of = new Map(of('deals').map((deal) => [deal.record_id, linkOf(deal, 'associated_people')]));
  const named = of('deals').filter((deal) => email_of.has(person_of.get(deal.record_id) ?? ''));
  return {
    deals: named
      .map(
        (deal) =>
          `${textOf(deal, 'name')} (${email_of.get(person_of.get(deal.record_id)!)}): ${stageOf(deal)}`,
      )
      .sort(),
    activities: world.notes.map((note) => activityOf(note, email_of)).sort(),
    tasks: world.tasks
      .map(
        ({ linked_records: [link] }) => email_of.get(person_of.get(link!.target_record_id) ?? '') ?? ERASED,
      )
      .sort(),
    people: [...email_of.values()].sort(),
    companies: of('companies')
      .map((record) => textOf(record, 'domains'))
      .sort(),
  };
}

function activityOf(note: DoubleWorld['notes'][number], email_of: ReadonlyMap<string, string>): string {
  const email = email_of.get(note.parent_record_id);
  const title = String(note.title);
  const of_step = /^Campaign: (.*, step \d+)$/m.exec(String(note.content_plaintext))?.[1];
  return title.startsWith('Reply') ? `${email}: ${title}` : `${email}: ${title}, ${of_step}`;
}

function textOf(record: Stored, slug: string): string {
  const [value] = record.values.get(slug) ?? [];
  return String(value?.value ?? value?.email_address ?? value?.domain ?? '');
}

const linkOf = (record: Stored, slug: string) => String(record.values.get(slug)?.[0]?.target_record_id ?? '');

/** Without the CRM's own ornaments. */
function stageOf(deal: Stored): string {
  const { title } = (deal.values.get('stage')?.[0]?.status ?? {}) as { title?: string };
  return String(title)
    .replace(/[^A-Za-z ]/g, '')
    .trim();
}

/** Each line that one side has and the other has not, or has oftener. */
export function differences(expected: Listed, actual: Listed): string[] {
  return (Object.keys(expected) as (keyof Listed)[]).flatMap((kind) => [
    ...surplus(expected[kind], actual[kind]).map((line) => `missing in ${kind}: ${line}`),
    ...surplus(actual[kind], expected[kind]).map((line) => `unexpected in ${kind}: ${line}`),
  ]);
}

function surplus(all: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1);
  return all.filter((line) => {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    return count <= 0;
  });
}

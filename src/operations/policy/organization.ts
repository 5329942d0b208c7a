/** The organization: the details under its messages, and its defaults. */
import { z } from 'zod';
import { sayTime } from '../../core/explain/words.ts';
import { isOwnAddress, isOwnName } from '../../core/organization.ts';
import {
  type ShownOrganizationResult,
  setOrganization,
  shownOrganization,
} from '../../db/queries/principals.gen.ts';
import { lockOrganization } from '../../db/queries/users.gen.ts';
import { requireAddress } from '../../mail/addresses.ts';
import type { Principal } from '../../principal.ts';
import { headerLine, id, noun, nullableInstant, requirePerson } from '../fields.ts';
import { timeZone } from '../leads/fields.ts';
import { operation, transactWork } from '../operation.ts';
import { refuseIfStale } from '../version.ts';

const organization = noun('Organization', {
  org_id: id,
  name: z.string().describe('shown under messages, unless there is a legal name'),
  legal_name: z.string().nullable(),
  postal_address: z.string().describe('under every message, as the law requires'),
  time_zone: z.string().describe('default for leads and accounts without one'),
  sender_name: z.string().describe('sender name in templates'),
  sender_address: z.string().describe('contact address for its mail'),
  notices_include_lead_text: z
    .boolean()
    .describe(
      'whether emailed and posted notifications name the lead and quote a first line; false: neither',
    ),
  own_since: nullableInstant.describe(
    'when name and address were set; null: placeholders, and real mail is held',
  ),
  own_by: z.string().nullable().describe('who set them; null: setup, or not set'),
});

const NAME_CHARS_MAX = 200;

/** One or more lines without invisible characters. */
const postalAddress = z
  .string()
  .trim()
  .min(1)
  .max(500)
  .regex(
    /^[^\p{Cc}\p{Cs}\u2028\u2029]*(\n[^\p{Cc}\p{Cs}\u2028\u2029]+)*$/u,
    'has a control character or an empty line',
  )
  .refine(isOwnAddress, 'is a placeholder; enter an address where you receive mail');

const get = operation({
  name: 'get_organization',
  summary: 'Show the organization: its name, postal address, time zone, and sender defaults.',
  http: { method: 'GET', path: '/organization' },
  version: 'shown',
  cli: { command: 'organization' },
  output: organization,
  run: async ({ context: { db }, principal: { org_id } }) =>
    shown((await shownOrganization.one({ org_id }, db))!),
  text: organizationText,
});

const patch = operation({
  name: 'patch_organization',
  summary: 'Change the named fields of the organization. The audit shows who changed what.',
  http: { method: 'PATCH', path: '/organization' },
  version: 'checked',
  cli: { command: 'organization set' },
  input: z.object({
    name: headerLine(NAME_CHARS_MAX)
      .optional()
      .meta({ ...organization.shape.name.meta(), examples: ['Acme'] }),
    legal_name: headerLine(NAME_CHARS_MAX)
      .nullable()
      .optional()
      .describe('shown under messages instead of the name; null: use the name'),
    postal_address: postalAddress.optional().describe('under every message, as the law requires'),
    time_zone: timeZone.optional().describe('IANA name; default for leads and accounts without one'),
    sender_name: headerLine(NAME_CHARS_MAX).optional().describe('sender name in templates'),
    notices_include_lead_text: z
      .boolean()
      .optional()
      .meta(organization.shape.notices_include_lead_text.meta() ?? {}),
    sender_address: z.string().trim().max(254).optional().describe('contact address for its mail'),
  }),
  output: organization,
  text: organizationText,
  errors: 'admin_only mail_address_invalid version_changed',
  run: ({ context, principal, expected, input }) =>
    transactWork({ context, principal }, async ({ tx, org_id, now }) => {
      await lockOrganization.run({ org_id }, tx);
      const found = (await shownOrganization.one({ org_id }, tx))!;
      refuseIfStale(expected, organization, shown(found));
      const owned = ownership(found, input, now, principal);
      await setOrganization.run({ ...changed(found, input), ...owned }, tx);
      return shown((await shownOrganization.one({ org_id }, tx))!);
    }),
});

export const organizationOperations = [get, patch] as const;

type Changes = z.output<typeof patch.input>;

function changed(found: ShownOrganizationResult, given: Changes) {
  const stated = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const all: ShownOrganizationResult = { ...found, ...stated };
  if (given.sender_address === undefined) return all;
  return { ...all, sender_address: requireAddress(given.sender_address, 'sender_address').address };
}

/** Records the person who gave both name and address, or gave the address and kept an own name. */
function ownership(found: ShownOrganizationResult, given: Changes, now: Date, principal: Principal) {
  const { own_since, own_by_user_id } = found;
  const kept = { own_since, own_by_user_id };
  if (own_since !== null) return kept;
  const has_name = given.name !== undefined || isOwnName(found.name);
  if (!has_name || !isOwnAddress(given.postal_address ?? found.postal_address)) return kept;
  const user_id = requirePerson(principal, 'Only a person may set the organization’s name and address.');
  return { own_since: now, own_by_user_id: user_id };
}

function shown({ own_by_user_name, ...row }: ShownOrganizationResult) {
  return { ...row, own_by: own_by_user_name };
}

function organizationText(one: z.output<typeof organization>): string {
  const { name, legal_name, postal_address, time_zone, sender_name, sender_address, own_since, own_by } = one;
  const lines = [
    legal_name === null ? name : `${name} (${legal_name})`,
    postal_address,
    `Time zone: ${time_zone}`,
    `Sender: ${sender_name} <${sender_address}>`,
  ];
  if (own_since !== null) {
    const by = own_by === null ? 'at setup' : `by ${own_by}`;
    lines.push(`Name and postal address: set ${by} on ${sayTime(new Date(own_since).getTime(), time_zone)}`);
  } else
    lines.push(
      '',
      'Name and postal address are placeholders: real mail is held until an admin sets them.',
      'touchline organization set --name NAME --postal-address ADDRESS',
    );
  return lines.join('\n');
}

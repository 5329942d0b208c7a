import { z } from 'zod';
import type { OperationContext } from '../../context.ts';
import type { Scope } from '../../coordinator/gate/scope.ts';
import { dkimKeyOwner } from '../../coordinator/sending/mailboxes.ts';
import { sealSecret } from '../../coordinator/sending/sealed_secret.ts';
import { DKIM_RECORD_STATES, type DkimRecordState, readDkimRecords } from '../../core/dkim_record.ts';
import { type GetMailboxResult, getMailbox, setMailboxDkim } from '../../db/queries/mailboxes.gen.ts';
import { AppError } from '../../errors.ts';
import { makeDkimKey, readDkimKey } from '../../mail/dkim_key.ts';
import { existing, id, noun } from '../fields.ts';
import { operation } from '../operation.ts';

const LABEL = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?';
const DOMAIN = new RegExp(`^${LABEL}(\\.${LABEL})+$`);
const SELECTOR = new RegExp(`^${LABEL}(\\.${LABEL})*$`);
/** A text in DNS has at most 255 bytes; a longer record is several texts read as one (RFC 7208 section 3.3). */
const DNS_TEXT_BYTES = 255;

export const dkimInput = z
  .strictObject({
    domain: z.string().trim().toLowerCase().max(253).regex(DOMAIN, 'is not a domain name'),
    selector: z.string().trim().toLowerCase().max(63).regex(SELECTOR, 'is not a selector'),
    private_key: z
      .string()
      .max(16_384)
      .optional()
      .describe(
        'RSA, 1024 to 4096 bits, PEM, without a passphrase; default: the server generates a secret 2048-bit key',
      ),
  })
  .meta({ id: 'DkimInput' });

export const dkimOutput = noun('Dkim', {
  domain: z.string(),
  selector: z.string(),
  public_dns_record: z.string().describe('the TXT record to publish, as a line of a zone file'),
  dns_name: z.string().describe('name to publish it under'),
  dns_value: z.string().describe('text of the record in one piece'),
});

/** A DKIM signature with a given or a generated key. */
type Signing = { domain: string; selector: string; private_key: string; is_made: boolean };

/** Generates a missing key before anything is locked, since that takes a moment. */
export async function withKey(
  dkim: z.output<typeof dkimInput> | null | undefined,
): Promise<Signing | null | undefined> {
  if (dkim == null) return dkim;
  const { private_key, ...rest } = dkim;
  if (private_key !== undefined) return { ...rest, private_key, is_made: false };
  return { ...rest, private_key: await makeDkimKey(), is_made: true };
}

/**
 * Sets or clears the DKIM signature of a mailbox. Throws `dkim_key_invalid`, `dkim_domain_unaligned`, and
 * `dkim_selector_in_use`.
 */
export async function setDkim(
  scope: Scope,
  found: Pick<GetMailboxResult, 'id' | 'address' | 'dkim_domain' | 'dkim_selector'>,
  dkim: Signing | null,
  secret: string,
): Promise<void> {
  const { org_id, tx } = scope;
  const { id, address } = found;
  if (dkim === null) {
    const none = { dkim_domain: null, dkim_selector: null, dkim_private_key: null, dkim_public_key: null };
    await setMailboxDkim.run({ org_id, id, ...none }, tx);
    return;
  }
  const { domain, selector, private_key, is_made } = dkim;
  requireAligned(address, domain);
  if (is_made && found.dkim_domain === domain && found.dkim_selector === selector)
    throw selectorInUse(selector);
  const { public_key } = readDkimKey(private_key, 'dkim.private_key');
  const sealed = sealSecret(secret, private_key, dkimKeyOwner(org_id, id));
  const signing = { dkim_domain: domain, dkim_selector: selector, dkim_private_key: sealed };
  await setMailboxDkim.run({ org_id, id, ...signing, dkim_public_key: public_key }, tx);
}

export function shownDkim(
  row: Pick<GetMailboxResult, 'dkim_domain' | 'dkim_selector' | 'dkim_public_key'>,
): z.output<typeof dkimOutput> | null {
  const { dkim_domain: domain, dkim_selector: selector, dkim_public_key } = row;
  if (domain === null || selector === null || dkim_public_key === null) return null;
  const dns_name = `${selector}._domainkey.${domain}`;
  const dns_value = `v=DKIM1; k=rsa; p=${dkim_public_key}`;
  const parts = dns_value.match(new RegExp(`.{1,${DNS_TEXT_BYTES}}`, 'g')) ?? [];
  const quoted = parts.map((part) => `"${part}"`).join(' ');
  const public_dns_record = `${dns_name}. IN TXT ( ${quoted} )`;
  return { domain, selector, public_dns_record, dns_name, dns_value };
}

export const getMailboxDkim = operation({
  name: 'get_mailbox_dkim',
  summary: 'Check whether DNS has the key that a mailbox signs with.',
  http: { method: 'GET', path: '/mailboxes/{id}/dkim' },
  cli: { command: 'mailbox dkim', args: ['id'] },
  input: z.object({ id }),
  output: z.object({
    id,
    address: z.string(),
    dns_name: z.string().nullable().describe('name that was looked up; null: DKIM is off'),
    state: z
      .enum([...DKIM_RECORD_STATES, 'unanswered', 'unsigned'])
      .describe('unanswered: DNS gave no answer; unsigned: the mailbox has no key'),
  }),
  errors: 'not_found',
  run: async ({ context, principal: { org_id }, input }) => {
    const found = existing(await getMailbox.one({ org_id, id: input.id }, context.db), 'mailbox');
    const { id, address, dkim_public_key } = found;
    const dns_name = shownDkim(found)?.dns_name ?? null;
    const is_unsigned = dns_name === null || dkim_public_key === null;
    const state = is_unsigned
      ? ('unsigned' as const)
      : await stateInDns(context.dns, dns_name, dkim_public_key);
    return { id, address, dns_name, state };
  },
});

async function stateInDns(
  dns: OperationContext['dns'],
  name: string,
  public_key: string,
): Promise<DkimRecordState | 'unanswered'> {
  try {
    return dns === undefined ? 'unanswered' : readDkimRecords(await dns.txt(name), public_key).state;
  } catch (error) {
    if (error instanceof AppError && error.code === 'dns_unanswered') return 'unanswered';
    throw error;
  }
}

/** Only a signature of the address's domain, or of a parent domain, counts for the From line (DMARC, RFC 7489 3.1.1). */
function requireAligned(address: string, domain: string): void {
  const own = address.slice(address.indexOf('@') + 1).toLowerCase();
  if (`.${own}`.endsWith(`.${domain}`)) return;
  const message = `must be ${own} or a parent domain`;
  throw new AppError('dkim_domain_unaligned', `A signature of ${domain} does not count for ${address}.`, {
    errors: [{ path: 'dkim.domain', message }],
  });
}

/** A repeated request must not create a key that DNS lacks, and receivers cache the old record for a while. */
function selectorInUse(selector: string): AppError {
  const message = 'is already in use';
  return new AppError('dkim_selector_in_use', `The mailbox already signs with the selector ${selector}.`, {
    hint: 'Publish the new key under a new selector.',
    errors: [{ path: 'dkim.selector', message }],
  });
}

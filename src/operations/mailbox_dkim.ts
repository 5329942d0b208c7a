import { z } from 'zod';
import { dkimKeyOwner } from '../coordinator/mailboxes.ts';
import type { Scope } from '../coordinator/scope.ts';
import { sealSecret } from '../coordinator/sealed_secret.ts';
import { type GetMailboxResult, setMailboxDkim } from '../db/queries/mailboxes.gen.ts';
import { readDkimKey } from '../dkim_key.ts';
import { AppError } from '../errors.ts';

const LABEL = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?';
const DOMAIN = new RegExp(`^${LABEL}(\\.${LABEL})+$`);
const SELECTOR = new RegExp(`^${LABEL}(\\.${LABEL})*$`);
/** A text in DNS has at most 255 bytes; a longer record is several of them, read as one (RFC 7208 section 3.3). */
const DNS_TEXT_BYTES = 255;

export const dkimInput = z.strictObject({
  domain: z.string().trim().toLowerCase().max(253).regex(DOMAIN, 'is no domain name'),
  selector: z.string().trim().toLowerCase().max(63).regex(SELECTOR, 'is no selector'),
  private_key: z.string().max(16_384).describe('RSA, 1024 to 4096 bits, PEM, without a passphrase'),
});

export const dkimOutput = z.object({
  domain: z.string(),
  selector: z.string(),
  public_dns_record: z.string().describe('the TXT record to publish, as a line of a zone file'),
});

/** Sets or clears what a mailbox signs with. Throws `dkim_key_invalid` and `dkim_domain_unaligned`. */
export async function setDkim(
  scope: Scope,
  { id, address }: Pick<GetMailboxResult, 'id' | 'address'>,
  dkim: z.output<typeof dkimInput> | null,
  secret: string,
): Promise<void> {
  const { org_id, tx } = scope;
  const none = { dkim_domain: null, dkim_selector: null, dkim_private_key: null, dkim_public_key: null };
  if (dkim === null) {
    await setMailboxDkim.run({ org_id, id, ...none }, tx);
    return;
  }
  const { domain, selector, private_key } = dkim;
  requireAligned(address, domain);
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
  const text = `v=DKIM1; k=rsa; p=${dkim_public_key}`;
  const parts = text.match(new RegExp(`.{1,${DNS_TEXT_BYTES}}`, 'g')) ?? [];
  const quoted = parts.map((part) => `"${part}"`).join(' ');
  return { domain, selector, public_dns_record: `${selector}._domainkey.${domain}. IN TXT ( ${quoted} )` };
}

/** Only a signature of the address's domain, or of a parent of it, speaks for the From line (DMARC, RFC 7489 3.1.1). */
function requireAligned(address: string, domain: string): void {
  const own = address.slice(address.indexOf('@') + 1).toLowerCase();
  if (`.${own}`.endsWith(`.${domain}`)) return;
  const message = `must be ${own} or a parent of it`;
  throw new AppError('dkim_domain_unaligned', `A signature of ${domain} does not speak for ${address}.`, {
    errors: [{ path: 'dkim.domain', message }],
  });
}

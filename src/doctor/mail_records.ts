import type { DnsRecords } from '../connectors/connector.ts';
import { type DkimRecordState, readDkimRecords, tagsOf } from '../core/dkim_record.ts';
import type { MailboxesRow } from '../schema.gen.ts';
import { type Finding, failure, ok, warning } from './check.ts';

/* DKIM and DMARC records. SPF has its own file. */

/** The limit of RFC 9989 section 4.10 (the walk up the tree). */
const PARENTS_MAX = 8;

/** RFC 6376 section 3.6.1: whether the selector's key is the mailbox's key. */
export async function dkimFinding(
  records: DnsRecords,
  {
    dkim_domain,
    dkim_selector,
    dkim_public_key,
  }: Pick<MailboxesRow, 'dkim_domain' | 'dkim_selector' | 'dkim_public_key'>,
): Promise<Finding> {
  if (dkim_domain === null || dkim_selector === null || dkim_public_key === null) {
    return warning(
      'DKIM is off for this mailbox',
      'Set a key (touchline mailbox set --help), unless your mail server signs the messages.',
    );
  }
  const name = `${dkim_selector}._domainkey.${dkim_domain}`;
  const { state, count } = readDkimRecords(await records.txt(name), dkim_public_key);
  return keyFinding(state, name, count);
}

function keyFinding(state: DkimRecordState, name: string, count: number): Finding {
  const publish = 'touchline mailbox shows the record to publish.';
  const findings: Readonly<Record<DkimRecordState, Finding>> = {
    published: ok(`${name} has the key of this mailbox`),
    missing: failure(`there is no key at ${name}`, publish),
    several: failure(`there are ${count} keys at ${name}`, 'Keep one.'),
    revoked: failure(`the key at ${name} is revoked`, publish),
    other_key: failure(`the key at ${name} is not the key of this mailbox`, publish),
    other_algorithm: failure(`the key at ${name} is not for rsa-sha256, which Touchline signs with`, publish),
    test: warning(`the key at ${name} is marked as a test (t=y)`, 'Publish it without t=y.'),
  };
  return findings[state];
}

/** RFC 9989: the policy of the domain or of its nearest parent with one, and whether our signature is aligned with it. */
export async function dmarcFinding(
  records: DnsRecords,
  { address, dkim_domain }: Pick<MailboxesRow, 'address' | 'dkim_domain'>,
): Promise<Finding> {
  const domain = domainOf(address);
  const labels = domain.split('.');
  const tried = labels.slice(0, -1).map((_, at) => labels.slice(at).join('.'));
  for (const name of tried.slice(0, PARENTS_MAX)) {
    const found = (await records.txt(`_dmarc.${name}`)).filter((text) => /^v=DMARC1\s*(;|$)/.test(text));
    if (found.length > 1)
      return failure(`_dmarc.${name} has ${found.length} records, which counts as none`, 'Keep one.');
    if (found.length === 1) return policyFinding(found[0]!, { domain, name, dkim_domain });
  }
  return warning(
    `${domain} has no DMARC record, which large receivers require of bulk senders`,
    `Publish one: _dmarc.${domain}. IN TXT "v=DMARC1; p=none; rua=mailto:YOUR-ADDRESS"`,
  );
}

const POLICIES: Readonly<Record<string, string>> = {
  none: 'receivers report failures and reject nothing',
  quarantine: 'mail that passes neither SPF nor DKIM goes to spam',
  reject: 'mail that passes neither SPF nor DKIM is rejected',
};

function policyFinding(
  record: string,
  { domain, name, dkim_domain }: { domain: string; name: string; dkim_domain: string | null },
): Finding {
  const tags = tagsOf(record);
  const policy = ((name === domain ? undefined : tags.get('sp')) ?? tags.get('p') ?? '').toLowerCase();
  const shown = name === domain ? record : `${record} (of ${name})`;
  const means = Object.hasOwn(POLICIES, policy) ? POLICIES[policy] : undefined;
  if (means === undefined) {
    return warning(`${shown} has no valid policy`, 'Set p=none, p=quarantine, or p=reject.');
  }
  // SPF is always aligned: a message's sender is its mailbox.
  if (tags.get('adkim')?.toLowerCase() === 's' && dkim_domain !== null && dkim_domain !== domain) {
    return warning(
      `${shown} accepts only signatures of ${domain} (adkim=s), but Touchline signs as ${dkim_domain}`,
      `Sign as ${domain} (touchline mailbox set --help), or publish adkim=r.`,
    );
  }
  return ok(`${shown}: ${means}`);
}

export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}

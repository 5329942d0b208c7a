import type { DnsRecords } from '../connectors/connector.ts';
import type { ListMailboxesResult } from '../db/queries/mailboxes.gen.ts';
import { failure, ok, warning } from './check.ts';

/* What DNS says of who may send in the name of a domain. */

/** More parents are never asked (RFC 9989 section 4.10, the walk up the tree). */
const PARENTS_MAX = 8;

/** RFC 7208: one record that begins with v=spf1; several are an error for every receiver. */
export async function spfFinding(records: DnsRecords, domain: string) {
  const found = (await records.txt(domain)).filter((text) => /^v=spf1( |$)/i.test(text));
  const [record] = found;
  if (record === undefined) {
    return warning(
      `${domain} has no SPF record`,
      `Publish one that names your mail server: ${domain}. IN TXT "v=spf1 include:YOUR-PROVIDER -all"`,
    );
  }
  if (found.length > 1)
    return failure(`${domain} has ${found.length} SPF records, which counts as an error`, 'Leave one.');
  if (/ \+?all( |$)/i.test(record)) {
    return failure(`${record} lets everyone send as ${domain}`, 'End it with -all or ~all.');
  }
  return ok(record);
}

/** RFC 6376 section 3.6.1: the key at the selector is the one that we sign with. */
export async function dkimFinding(
  records: DnsRecords,
  { dkim_domain, dkim_selector, dkim_public_key }: ListMailboxesResult,
) {
  if (dkim_domain === null || dkim_selector === null || dkim_public_key === null) {
    return warning(
      'Touchline signs nothing for this mailbox',
      'Set a key (touchline mailbox set --help), unless your mail server signs by itself.',
    );
  }
  const name = `${dkim_selector}._domainkey.${dkim_domain}`;
  const publish = 'touchline mailbox shows the record to publish.';
  const found = (await records.txt(name)).map(tagsOf).filter((tags) => tags.has('p'));
  if (found.length === 0) return failure(`there is no key at ${name}`, publish);
  if (found.length > 1) return failure(`there are ${found.length} keys at ${name}`, 'Leave one.');
  const tags = found[0]!;
  if (tags.get('p') === '') return failure(`the key at ${name} is revoked`, publish);
  if (tags.get('p')!.replace(/\s/g, '') !== dkim_public_key) {
    return failure(`the key at ${name} is not the one that Touchline signs with`, publish);
  }
  const hashes = tags.get('h')?.split(':');
  if (tags.get('k')?.toLowerCase() === 'ed25519' || (hashes !== undefined && !hashes.includes('sha256'))) {
    return failure(`the key at ${name} is not for rsa-sha256, which Touchline signs with`, publish);
  }
  if (tags.get('t')?.split(':').includes('y')) {
    return warning(`the key at ${name} says that it is a test (t=y)`, 'Publish it without t=y.');
  }
  return ok(`${name} has the key that Touchline signs with`);
}

/** RFC 9989: the policy of the domain, or of the nearest parent that has one. */
export async function dmarcFinding(records: DnsRecords, domain: string) {
  const labels = domain.split('.');
  const tried = labels.slice(0, -1).map((_, at) => labels.slice(at).join('.'));
  for (const name of tried.slice(0, PARENTS_MAX)) {
    const found = (await records.txt(`_dmarc.${name}`)).filter((text) => /^v=DMARC1\s*(;|$)/.test(text));
    if (found.length > 1)
      return failure(`_dmarc.${name} has ${found.length} records, which counts as none`, 'Leave one.');
    if (found.length === 1) return ok(name === domain ? found[0]! : `${found[0]} (of ${name})`);
  }
  return warning(
    `${domain} has no DMARC record, which large receivers ask of who sends much`,
    `Publish one: _dmarc.${domain}. IN TXT "v=DMARC1; p=none; rua=mailto:YOUR-ADDRESS"`,
  );
}

/** `k=rsa; p=...` as names and values. */
function tagsOf(record: string): Map<string, string> {
  const tags = record.split(';').flatMap((tag): [string, string][] => {
    const at = tag.indexOf('=');
    return at === -1 ? [] : [[tag.slice(0, at).trim(), tag.slice(at + 1).trim()]];
  });
  return new Map(tags);
}

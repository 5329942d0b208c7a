import type { CaughtOrigin, MailCatcher } from '../../connectors/connector.ts';
import { erasedAddressHmac } from '../../coordinator/sending/erased_addresses.ts';
import { readUnsubscribeToken } from '../../coordinator/sending/unsubscribe_token.ts';

/* Erasure outside the database, and copies that no erasure reaches. */

/** Places of copies that erasure cannot reach, and what a person does about them. */
export const OUT_OF_REACH = {
  backups: 'Backups of the database keep the lead until they expire.',
  delivered_mail: 'Messages already delivered stay in the recipients’ mailboxes.',
  own_mailboxes: 'Sent mail and replies stay in your own mailboxes. Delete them there.',
  other_leads_mail:
    'Messages sent to other leads, and what other leads wrote, keep their words, even where they name the person.',
  other_names:
    'Notes on other leads keep a first or last name alone, and a full name that another lead or user shares.',
  logs: 'Log files of mail servers and proxies keep addresses until they are rotated.',
  notices:
    'Notifications that left by email, Slack, or Teams keep the lead’s name and first lines of replies. Delete them there.',
  exports: 'Files that people exported or downloaded are outside Touchline.',
  other_systems: 'The CRM, outside agents, and language model providers keep their own copies.',
  caught_mail:
    'Mail caught earlier is in caught.jsonl of the data directory. Run touchline up there and erase the lead again.',
} as const;

export type Place = keyof typeof OUT_OF_REACH;

/** Those in `not` hold no copy of this lead. */
export function placesOutOfReach(not: readonly (Place | false)[]): { place: Place; says: string }[] {
  return Object.entries(OUT_OF_REACH)
    .map(([place, says]) => ({ place: place as Place, says }))
    .filter(({ place }) => !not.includes(place));
}

export type ErasedLead = {
  org_id: string;
  lead_id: string;
  /** HMACs of the lead's addresses, in hex. */
  address_hmacs: readonly string[];
};

/**
 * Deletes the lead's messages from the catcher and returns their number. Finds them by our unsubscribe token, or by a
 * sender or recipient address. Mail of other organizations to the same address stays.
 */
export function eraseCaughtMail(catcher: MailCatcher, secret: string, lead: ErasedLead): Promise<number> {
  const hmacs = new Set(lead.address_hmacs);
  return catcher.erase((caught) => {
    const subject = subjectOf(secret, caught);
    if (subject?.org_id === lead.org_id && subject.lead_id === lead.lead_id) return true;
    if (subject !== null && subject.org_id !== lead.org_id) return false;
    return caught.addresses.some((address) =>
      hmacs.has(erasedAddressHmac(secret, lead.org_id, address).toString('hex')),
    );
  });
}

function subjectOf(secret: string, { unsubscribe_url }: CaughtOrigin) {
  const token = /\/u\/([\w-]+)$/.exec(unsubscribe_url ?? '')?.[1];
  return token === undefined ? null : readUnsubscribeToken(secret, token);
}

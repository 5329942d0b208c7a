import { standingOfAnswer } from '../../db/queries/inbound.gen.ts';
import type { InboundMail } from '../../mail/messages.ts';
import type { Scope } from '../gate/scope.ts';
import type { Standing } from './intents.ts';
import type { Match } from './matching.ts';

const UNKNOWN: Standing = {
  is_from_lead: false,
  is_tagged: false,
  is_after_reply: false,
  is_answered: false,
};

/** Under the lead's lock: who wrote the answer, and whether a person’s reply is pending. */
export async function standingOf(
  { org_id, tx }: Scope,
  mail: InboundMail | null,
  { lead_id, touch }: Match,
): Promise<Standing> {
  if (mail === null || lead_id === null) return UNKNOWN;
  const to_address = touch?.attempt?.to_address ?? null;
  const sent_to = to_address === null ? [] : [to_address.toLowerCase()];
  const { address } = mail.from;
  const attempt_id = touch?.attempt?.id ?? null;
  return (await standingOfAnswer.one({ org_id, lead_id, address, sent_to, attempt_id }, tx)) ?? UNKNOWN;
}

import { createHash } from 'node:crypto';
import type { MailFolder } from '../../connectors/mail_receiver.ts';
import { DAY_MS } from '../../core/durations.ts';
import { type ClassifiedInbound, classifyInbound } from '../../core/inbound/inbound.ts';
import { waitForErasures } from '../../db/queries/erasures.gen.ts';
import { lockLeads } from '../../db/queries/facts.gen.ts';
import {
  inboundByHash,
  insertInbound,
  insertInboundSource,
  sentTexts,
} from '../../db/queries/inbound.gen.ts';
import { newId } from '../../ids.ts';
import type { InboundMail, MailReader } from '../../mail/messages.ts';
import type { Json } from '../../schema.gen.ts';
import { storable } from '../gate/rows.ts';
import { orgPolicy, type Scope } from '../gate/scope.ts';
import { answerHash } from './answer_hash.ts';
import { applyInbound, type InboundRow } from './effects.ts';
import { type OfErased, withoutErased } from './erased_mail.ts';
import {
  actsByItself,
  type Classify,
  intentOf,
  type ReadIntent,
  reasonOf,
  returnDateOf,
  suggestionOf,
  waitsForSomeone,
} from './intents.ts';
import { type Match, matchInbound } from './matching.ts';
import { failuresOf, isAddress } from './reports.ts';
import { standingOf } from './standing.ts';

/** A month is long enough to review how a message was handled, and short enough for its content. */
const SOURCE_KEPT_MS = 30 * DAY_MS;
/** A larger message has attachments, and the mailbox keeps it. */
const SOURCE_BYTES_MAX = 1024 * 1024;
const TEXT_MAX = 20_000;
/** A reply quotes the latest messages of its thread. */
const SENT_MAX = 10;
const LINE_MAX = 1_000;

export type InboundPlace =
  | {
      source: 'imap';
      mailbox_id: string;
      folder: MailFolder;
      uid_validity: number;
      uid: number;
      received_at: Date | null;
    }
  | { source: 'http'; mailbox_id: string | null };

/** A message parsed from its bytes: none of its content is trusted. */
export type ReadInbound = {
  raw: Buffer;
  mail: InboundMail | null;
  told: ClassifiedInbound | null;
  fault: string | null;
  /** A model's classification where the rules are uncertain. It is shown, and has no effect. */
  guess: ReadIntent | null;
};

export type TakenInbound = { id: string; is_new: boolean };

/** Parses a message, and asks the model if there is one. Outside any transaction, because a model takes seconds. */
export async function readInbound(
  raw: Buffer,
  { readMail, classify }: { readMail: MailReader; classify?: Classify | undefined },
): Promise<ReadInbound> {
  const mail = readMail(raw);
  if ('fault' in mail) return unreadable(raw, mail.fault);
  const told = classifyInbound(mail);
  const is_clear = told.kind !== 'reply' || told.certain;
  if (is_clear || classify === undefined) return { raw, mail, told, fault: null, guess: null };
  const said = await classify({ subject: mail.subject, text: told.reply });
  return { raw, mail, told, fault: null, guess: said === null ? null : { ...said, source: 'model' } };
}

/** An unreadable message. It is kept for a person to see. */
export function unreadable(raw: Buffer, fault: string): ReadInbound {
  return { raw, mail: null, told: null, fault, guess: null };
}

/**
 * Takes a message once: stores it, finds its lead, and applies its effects, all in the scope's transaction, as the
 * coordinator, under the lead's lock. The same bytes again change nothing.
 */
export async function takeInbound(
  scope: Scope,
  read: ReadInbound,
  place: InboundPlace,
  secret: string,
): Promise<TakenInbound> {
  const { org_id, tx } = scope;
  const raw_hash = createHash('sha256').update(read.raw).digest();
  await waitForErasures.run({ org_id }, tx);
  const match = await matchOf(scope, read, secret);
  if (match.lead_id !== null) await lockLeads.run({ org_id, lead_ids: [match.lead_id] }, tx);
  // A message that names no lead of ours is stored in each mailbox, without its words.
  const answer_hash = match.lead_id === null ? null : answerHash(read.mail);
  const known = { org_id, mailbox_id: place.mailbox_id, raw_hash, answer_hash };
  const before = await inboundByHash.one(known, tx);
  if (before !== undefined) return { id: before.id, is_new: false };
  const left = await withoutErased(scope, await withoutOurs(scope, read, place, match), match, secret);
  const { policy } = await orgPolicy(scope);
  const intent = left.of_erased === 'lead' ? null : intentOf(left.read);
  const standing = await standingOf(scope, read.mail, match);
  const { told } = left.read;
  const acts = actsByItself(left.match, intent, policy, { told, standing });
  const row = inboundRow(scope, left.read, place, { match: left.match, intent });
  row.reason =
    left.of_erased === 'lead' ? 'erased_lead' : reasonOf(aboutOf(left.match, told), { standing, acts });
  // The person at this address replied to this very message.
  if (row.reason === 'after_reply' && row.bounce_severity === 'hard') row.bounce_severity = 'soft';
  const waits = waitsForSomeone(row, told, { acts, reason: row.reason }) && !concernsNobody(left);
  row.handled_at = waits ? null : scope.clock.now();
  // A message without words notifies a person, who may look into the mailbox; a role would have nothing to read.
  // An agent's word is no person's: it decides neither for another sender nor for a machine after a person.
  const is_for_person = row.reason === 'other_sender' || row.reason === 'after_reply';
  const is_for_role = waits && !acts && intent !== null && !is_for_person && left.of_erased === null;
  if (is_for_role && match.owner_role !== null)
    Object.assign(row, { task_id: newId(scope.clock), task_role: match.owner_role });
  const hashes = { raw_hash, answer_hash: left.of_erased === null ? answer_hash : null };
  const inserted = await insertInbound.run({ row: storable(row) as unknown as Json, ...hashes }, tx);
  // Another transaction stored it a moment ago.
  if (inserted.length === 0) return { id: (await inboundByHash.one(known, tx))!.id, is_new: false };
  if (left.of_erased === null) await keepSource(scope, row, read.raw);
  const is_report = told?.kind === 'bounce' || told?.kind === 'complaint';
  if (told !== null && (is_report || left.of_erased !== 'lead'))
    await applyInbound(scope, {
      row,
      match: left.match,
      told,
      intent,
      acts,
      ...standing,
    });
  return { id: row.id, is_new: true };
}

/**
 * Reads the message again without our own sentences: they are known once its lead is. Without a Date of its own, its days
 * count from its receipt.
 */
async function withoutOurs(
  { org_id, tx, clock }: Scope,
  read: ReadInbound,
  place: InboundPlace,
  { lead_id }: Match,
): Promise<ReadInbound> {
  const { mail, guess } = read;
  if (mail === null || lead_id === null) return read;
  const sent = await sentTexts.run({ org_id, lead_id, limit: SENT_MAX }, tx);
  const received_at = (place.source === 'imap' ? place.received_at : null) ?? clock.now();
  const told = classifyInbound({ ...mail, date: mail.date ?? received_at.toISOString() }, sent);
  return { ...read, told, guess: told.kind === 'reply' && !told.certain ? guess : null };
}

async function matchOf(scope: Scope, { mail, told }: ReadInbound, secret: string): Promise<Match> {
  return mail === null || told === null ? NO_MATCH : matchInbound(scope, mail, told.kind, secret);
}

/** An erased person's message needs no review, unless it pauses another lead's enrollment. */
function concernsNobody({ of_erased, match }: OfErased<ReadInbound>): boolean {
  return of_erased === 'lead' || (of_erased === 'address' && match.lead_id === null);
}

const NO_MATCH: Match = { matched_by: 'none', lead_id: null, owner_role: null, touch: null };

function inboundRow(
  scope: Scope,
  { mail, told, fault }: ReadInbound,
  place: InboundPlace,
  { match, intent }: { match: Match; intent: ReadIntent | null },
): InboundRow {
  const now = scope.clock.now();
  const { source, mailbox_id } = place;
  const { folder, uid_validity, uid, received_at } = place.source === 'imap' ? place : NOWHERE;
  const sent_to = match.touch?.attempt?.to_address ?? null;
  const failures = told?.kind === 'bounce' ? failuresOf(told.failed, sent_to) : null;
  const failure = failures === null ? null : (failures.own ?? failures.others[0] ?? null);
  const failed_at = failures?.own ? (sent_to ?? failure!.address) : (failure?.address ?? null);
  // A mailbox is private: no word of unrelated mail is kept.
  const is_ours = match.lead_id !== null || source === 'http';
  const suggestion = suggestionOf(told);
  const is_named = match.lead_id !== null && mail !== null;
  return {
    org_id: scope.org_id,
    id: newId(scope.clock),
    source,
    mailbox_id,
    folder,
    uid_validity,
    uid,
    message_id: is_ours ? cut(mail?.message_id ?? null) : null,
    from_address: is_ours ? (mail?.from.address ?? '').slice(0, LINE_MAX) : '',
    to_address: is_ours ? cut(mail?.delivered_to[0] ?? mail?.to[0] ?? null) : null,
    received_at: received_at !== null && received_at < now ? received_at : now,
    created_at: now,
    kind: told?.kind ?? 'other',
    fault,
    matched_by: match.matched_by,
    lead_id: match.lead_id,
    enrollment_id: match.touch?.enrollment_id ?? null,
    queue_id: match.touch?.queue_id ?? null,
    attempt_id: match.touch?.attempt?.id ?? null,
    subject: is_ours ? (mail?.subject ?? '').slice(0, LINE_MAX) : '',
    text: is_ours ? wordsOf(mail, told) : '',
    intent: intent?.intent ?? null,
    intent_source: intent?.source ?? null,
    intent_certain: intent?.certain ?? null,
    return_date: returnDateOf(told, intent),
    bounce_severity: failure?.severity ?? null,
    bounce_status: failure?.status?.slice(0, 100) ?? null,
    bounced_address: failed_at !== null && isAddress(failed_at) ? cut(failed_at) : null,
    bounce_cause: failure?.cause ?? null,
    task_id: null,
    task_role: null,
    handled_at: null,
    reason: null,
    suggested_name: is_named ? (suggestion?.name ?? null) : null,
    suggested_email: is_named ? (suggestion?.email ?? null) : null,
  };
}

function aboutOf({ matched_by, touch }: Match, told: ClassifiedInbound | null) {
  return { told, matched_by, sent_to: touch?.attempt?.to_address ?? null };
}

const NOWHERE = { folder: null, uid_validity: null, uid: null, received_at: null };

function wordsOf(mail: InboundMail | null, told: ClassifiedInbound | null): string {
  if (mail === null || told === null) return '';
  return ('reply' in told ? told.reply : mail.text).slice(0, TEXT_MAX);
}

function cut(text: string | null): string | null {
  return text?.slice(0, LINE_MAX) ?? null;
}

async function keepSource(scope: Scope, { id, lead_id, source }: InboundRow, raw: Buffer): Promise<void> {
  if (lead_id === null && source === 'imap') return;
  if (raw.length === 0 || raw.length > SOURCE_BYTES_MAX) return;
  const kept_until = new Date(scope.clock.now_ms() + SOURCE_KEPT_MS);
  await insertInboundSource.run({ org_id: scope.org_id, inbound_id: id, raw, kept_until }, scope.tx);
}

/** What comes next for a lead, when, and what it waits for. */
import type { QueueStatus, WakeCondition } from '../schema.gen.ts';
import type {
  HistoryEnrollment,
  HistoryItem,
  HistoryRequest,
  LeadHistory,
  NextThing,
  WaitsFor,
} from './explain_history.ts';
import {
  deferredWords,
  isoOf,
  plainWords,
  quoted,
  REASON_WORDS,
  type Speaker,
  sentence,
  stepWords,
  WAKE_WORDS,
} from './explain_words.ts';
import { nextOpenMs } from './schedule.ts';

/** Soonest first; what a person can do now before what waits for a time; what waits for something else last. */
export function nextThings(history: LeadHistory, speaker: Speaker, free_ms: number | null): NextThing[] {
  const stop = stopWords(history);
  if (stop !== null) return [nothing(stop)];
  const context: Context = { history, speaker, free_ms };
  const things = [
    ...pauseOfLead(context),
    ...history.items.flatMap((item) => ITEM_NEXT[item.status]?.(item, context) ?? []),
    ...history.enrollments.flatMap((enrollment) => enrollmentNext(enrollment, context)),
    ...history.requests.flatMap((request) => requestNext(request, context)),
  ];
  if (things.length === 0) return [nothing('Nothing is planned: no sequence runs and no request waits.')];
  return things.sort((a, b) => rank(a, history.now_ms) - rank(b, history.now_ms));
}

type Context = { history: LeadHistory; speaker: Speaker; free_ms: number | null };

/** Why nothing will ever be sent as things stand, or null. */
function stopWords({ lead }: LeadHistory): string | null {
  const lift = 'A person can lift that, with a reason.';
  if (lead.unsubscribe_flag) return `Nothing will be sent: the lead unsubscribed. ${lift}`;
  if (lead.opt_out_flag) return `Nothing will be sent: the lead opted out. ${lift}`;
  if (lead.suppressed_address)
    return 'Nothing will be sent: the address or its domain is on the suppression list.';
  return null;
}

const PAUSE_WORDS: Readonly<Record<string, string>> = {
  send_unknown: 'nobody can tell whether a message arrived; a person has to say so',
  reply: 'the lead answered; a person has to read it and let the lead go on',
};

function pauseOfLead({ history: { lead } }: Context): NextThing[] {
  const { cadence_paused_at, cadence_pause_reason } = lead;
  if (cadence_paused_at === null) return [];
  const why =
    PAUSE_WORDS[cadence_pause_reason ?? ''] ?? plainWords(cadence_pause_reason ?? 'a person stopped it');
  return [{ ...nothing(`Everything for this lead is paused: ${why}.`), waits_for: 'person' }];
}

type ItemWords = (item: HistoryItem, context: Context) => NextThing[];

/** By status of a touch: what has to happen with it. Finished ones have nothing coming. */
const ITEM_NEXT: Record<QueueStatus, ItemWords | null> = {
  pending: (item, { speaker }) => [
    thing(
      item,
      null,
      'nothing',
      `${speaker.agent(item.owner_role)} is to write ${stepWords(item)}; then a person approves it.`,
    ),
  ],
  drafted: (item) => [
    thing(
      item,
      null,
      'person',
      item.requires_personal_send
        ? `A person reads ${stepWords(item)}, sends it personally and marks it sent.`
        : `A person reads the draft of ${stepWords(item)} and approves, edits or rejects it.`,
    ),
  ],
  approved: (item, context) => [approved(item, context)],
  held: (item, context) => [
    waiting(
      item,
      context,
      item.held_until,
      item.wake,
      `${sentence(stepWords(item))} is held`,
      'then the gate is asked again',
    ),
  ],
  unknown: (item) => [
    thing(
      item,
      null,
      'person',
      `A person has to say whether ${stepWords(item)} reached the lead. It is not sent again by itself.`,
    ),
  ],
  sent: null,
  failed: null,
  canceled: null,
};

function approved(item: HistoryItem, context: Context): NextThing {
  const what = stepWords(item);
  if (item.campaign_status !== 'active') return campaignStands(item, `${sentence(what)} is approved`);
  if (item.requires_personal_send) {
    return thing(item, null, 'person', `A person sends ${what} personally and marks it sent.`);
  }
  const stands = mailboxStands(item, what);
  if (stands !== null) return stands;
  const { now_ms } = context.history;
  const at_ms = earliestMs(item.scheduled_at.getTime(), context);
  if (at_ms === null)
    return thing(item, null, 'policy', `${sentence(what)} is approved, but the policy lets none leave.`);
  if (at_ms <= now_ms)
    return thing(
      item,
      now_ms,
      'nothing',
      `${sentence(what)} is approved and leaves now, if the gate says yes.`,
    );
  const put_off =
    item.deferred_reason === null
      ? ''
      : ` and was put off: ${deferredWords(item.deferred_reason, item.deferred_detail)}. It`;
  const text = `${sentence(what)} is approved${put_off || ' and'} leaves on ${context.speaker.when(at_ms)} at the earliest, if the gate says yes then.`;
  return thing(item, at_ms, 'time', text);
}

/** A lead keeps its mailbox: while that may not send, its touches wait, and leave from no other. */
function mailboxStands(item: HistoryItem, what: string): NextThing | null {
  const { mailbox_address, mailbox_paused, mailbox_retired } = item;
  if (mailbox_retired !== null) {
    const text = `${sentence(what)} is approved and waits: the lead’s mailbox ${mailbox_address} is retired (${mailbox_retired}). A person gives the lead another one.`;
    return thing(item, null, 'person', text);
  }
  if (mailbox_paused === null) return null;
  const text = `${sentence(what)} is approved and waits: the lead’s mailbox ${mailbox_address} is paused (${mailbox_paused}). It leaves once a person resumes it.`;
  return thing(item, null, 'person', text);
}

/** When a touch that is due at `due_ms` can leave at the earliest: caps and opening hours as they are known now. */
function earliestMs(due_ms: number, { history, free_ms }: Context): number | null {
  if (free_ms === null) return null;
  const { policy, lead, now_ms } = history;
  const fits_ms = Math.max(due_ms, free_ms, now_ms);
  return nextOpenMs(fits_ms, lead.time_zone, policy.business_hours, policy.holidays);
}

function enrollmentNext(enrollment: HistoryEnrollment, context: Context): NextThing[] {
  const { status, campaign_name, next_send_at } = enrollment;
  if (status === 'paused') {
    const { paused_reason, paused_until, wake } = enrollment;
    const place = { ...enrollment, step_number: enrollment.current_step };
    const text = `${sentence(quoted(campaign_name))} is paused${pausedBecause(paused_reason)}`;
    // A person's pause has no condition: only a person ends it.
    if (paused_until === null && wake === 'never') {
      return [thing(place, null, 'person', `${text}. A person can let it go on.`)];
    }
    return [waiting(place, context, paused_until, wake, text, 'then the gate is asked again')];
  }
  if (status !== 'active') return [];
  const open = context.history.items.find((item) => item.enrollment_id === enrollment.id);
  if (next_send_at === null) {
    if (open !== undefined) return [];
    const text = `${sentence(quoted(campaign_name))} has done its last step and ends.`;
    return [thing({ ...enrollment, step_number: null }, context.history.now_ms, 'nothing', text)];
  }
  return [dueStep(enrollment, next_send_at.getTime(), open, context)];
}

function pausedBecause(paused_reason: string | null): string {
  if (paused_reason === null) return '';
  if (Object.hasOwn(REASON_WORDS, paused_reason)) {
    return `: ${REASON_WORDS[paused_reason as keyof typeof REASON_WORDS]}`;
  }
  const by_person = /^person: (.*)$/s.exec(paused_reason)?.[1];
  return by_person === undefined ? `: ${plainWords(paused_reason)}` : ` by a person (“${by_person}”)`;
}

/** The next step of a running sequence. It waits for its time, and for the touch before it. */
function dueStep(
  enrollment: HistoryEnrollment,
  due_ms: number,
  open: HistoryItem | undefined,
  context: Context,
): NextThing {
  const { current_step: step_number, steps, campaign_name } = enrollment;
  const channel = steps.find((step) => step.step_number === step_number)?.channel ?? null;
  const place = { ...enrollment, step_number };
  const what = sentence(stepWords({ step_number, campaign_name, channel, step_count: steps.length }));
  if (enrollment.campaign_status !== 'active') return campaignStands(place, `${what} stands still`);
  const { now_ms } = context.history;
  if (open !== undefined) {
    const due = due_ms > now_ms ? `falls due on ${context.speaker.when(due_ms)}` : 'is due';
    const text = `${what} ${due}, once step ${open.step_number} is done.`;
    return thing(place, Math.max(due_ms, now_ms), due_ms > now_ms ? 'time' : 'nothing', text);
  }
  if (due_ms <= now_ms) return thing(place, now_ms, 'nothing', `${what} is due now: the gate is asked.`);
  const text = `${what} falls due on ${context.speaker.when(due_ms)}: then the gate is asked, and a yes has it drafted.`;
  return thing(place, due_ms, 'time', text);
}

function requestNext(request: HistoryRequest, context: Context): NextThing[] {
  const { status, campaign_name, requested_by, held_until, wake } = request;
  if (status !== 'held' && status !== 'queued') return [];
  const word = status === 'held' ? 'is held' : 'is queued';
  const text = `The request of ${context.speaker.agent(requested_by)} for ${quoted(campaign_name)} ${word}`;
  return [
    waiting(
      { ...request, step_number: null },
      context,
      held_until,
      wake,
      text,
      'then the gate is asked again',
    ),
  ];
}

const WAITS_FOR: Record<WakeCondition, WaitsFor> = {
  at_until: 'time',
  other_side_ends: 'other_sequence',
  abm_ends: 'abm',
  policy_changes: 'policy',
  lead_resumes: 'person',
  never: 'person',
};

/** Something that waits: until an instant where one is known, else until its condition is met. */
function waiting(
  place: Place,
  context: Context,
  until: Date | null,
  wake: WakeCondition | null,
  what: string,
  then: string,
): NextThing {
  if (place.campaign_status !== 'active') return campaignStands(place, what);
  const condition = wake ?? 'never';
  if (until === null)
    return thing(place, null, WAITS_FOR[condition], `${what} until ${WAKE_WORDS[condition]}; ${then}.`);
  const { now_ms } = context.history;
  const until_ms = until.getTime();
  if (until_ms <= now_ms)
    return thing(place, now_ms, 'nothing', `${what}, but the wait is over: the gate is asked now.`);
  return thing(place, until_ms, 'time', `${what} until ${context.speaker.when(until_ms)}; ${then}.`);
}

function campaignStands(place: Place, what: string): NextThing {
  return thing(
    place,
    null,
    'person',
    `${what}: its campaign is ${place.campaign_status}, and a person can make it active.`,
  );
}

type Place = Pick<HistoryItem, 'campaign_slug' | 'campaign_status'> & { step_number: number | null };

function thing(place: Place, at_ms: number | null, waits_for: WaitsFor, text: string): NextThing {
  const at = at_ms === null ? null : isoOf(at_ms);
  return { at, text, waits_for, campaign: place.campaign_slug, step_number: place.step_number };
}

function nothing(text: string): NextThing {
  return { at: null, text, waits_for: 'nothing', campaign: null, step_number: null };
}

/** A place in the order: what a person can do now counts as now, what waits for an event as some day. */
function rank({ at, waits_for }: NextThing, now_ms: number): number {
  if (at !== null) return Temporal.Instant.from(at).epochMilliseconds;
  return waits_for === 'person' || waits_for === 'nothing' ? now_ms : Number.MAX_SAFE_INTEGER;
}

/** The next steps for a lead, when they happen, and what they wait for. */
import { REASONS } from '../gate/gates.ts';
import { plainWords, sentence } from '../gate/words.ts';
import { reasonWords } from './gates.ts';
import type {
  HistoryEnrollment,
  HistoryItem,
  HistoryMeeting,
  HistoryRequest,
  HistoryTask,
  LeadHistory,
  NextThing,
} from './history.ts';
import { ANSWER_PAUSE_WORDS } from './inbound.ts';
import { suppressedWords } from './suppression_words.ts';
import { byPerson, type Context, campaignInactive, nothing, thing, waiting } from './things.ts';
import { itemNext } from './touches.ts';
import { askerWords, quoted, type Speaker, stepWords } from './words.ts';

/** Soonest first: steps a person can take now, then scheduled ones, then those that wait for something else. */
export function nextThings(history: LeadHistory, speaker: Speaker, free_ms: number | null): NextThing[] {
  const stop = stopWords(history, speaker);
  const for_people = [
    ...history.meetings.map((meeting) => meetingNext(meeting, speaker)),
    ...history.failed_tasks.map(failedTaskNext),
  ];
  // Decisions of people stay pending even if nothing may be sent.
  if (stop !== null) return [nothing(stop), ...for_people];
  const context: Context = { history, speaker, free_ms };
  const things = [
    ...pauseOfLead(context),
    ...for_people,
    ...history.items.flatMap((item) => itemNext(item, context)),
    ...history.enrollments.flatMap((enrollment) => enrollmentNext(enrollment, context)),
    ...history.requests.flatMap((request) => requestNext(request, context)),
  ];
  if (things.length === 0)
    return [nothing('Nothing is planned: the lead has no enrollment, request, or booked meeting.')];
  return things.sort((a, b) => rank(a, history.now_ms) - rank(b, history.now_ms));
}

/** Why nothing will be sent, or null. */
function stopWords({ lead }: LeadHistory, speaker: Speaker): string | null {
  const lift = 'A person can lift the opt-out by giving a reason.';
  if (lead.unsubscribe_flag) return `Nothing will be sent: the lead unsubscribed. ${lift}`;
  if (lead.opt_out_flag) return `Nothing will be sent: the lead opted out. ${lift}`;
  const suppressed = suppressedWords(lead.suppressions, speaker);
  return suppressed === null ? null : `Nothing will be sent: ${suppressed.since}. ${suppressed.why}`;
}

const PAUSE_WORDS: Readonly<Record<string, string>> = {
  send_unknown: 'delivery of a message is unknown; a person must confirm it',
  crm_record_deleted:
    'the lead’s record was deleted in the CRM; a person must keep the lead or opt the lead out',
  reply: 'the lead replied; a person must read the reply and resume the lead',
};

function pauseOfLead({ history: { lead } }: Context): NextThing[] {
  const { cadence_paused_at, cadence_pause_reason } = lead;
  if (cadence_paused_at === null) return [];
  const why =
    PAUSE_WORDS[cadence_pause_reason ?? ''] ?? plainWords(cadence_pause_reason ?? 'a person paused the lead');
  return [{ ...nothing(`Everything for this lead is paused: ${why}.`), waits_for: 'person' }];
}

/** A lead with a booked meeting or a requested entry waits until a person routes the lead. */
function meetingNext(
  { id, type, created_at, campaign_name, suggested_slug, suggested_name, ...asked }: HistoryMeeting,
  speaker: Speaker,
): NextThing {
  if (type === 'entry_requested') {
    const who = sentence(askerWords(asked, speaker));
    const entry = `${who} requested enrollment in ${quoted(suggested_name ?? 'a campaign')} on ${speaker.when(created_at)}`;
    const decides = `an executive must decide (touchline route ${id} ${suggested_slug ?? 'CAMPAIGN'})`;
    return { ...nothing(`${entry}: ${decides}.`), waits_for: 'person' };
  }
  const sequence = campaign_name === null ? '' : ` in ${quoted(campaign_name)}`;
  const follows = `touchline route ${id} ${suggested_slug ?? 'CAMPAIGN'}`;
  const suggested = suggested_slug === null ? '' : ', the campaign that its rules suggest';
  const text = `A meeting was booked${sequence} on ${speaker.when(created_at)}: a person must route the lead (${follows}${suggested}).`;
  return { ...nothing(text), waits_for: 'person' };
}

/** The failed work, followed by the name of the campaign if there is one. */
const FAILED_WORDS: Record<HistoryTask['type'], string> = {
  meeting_booked: 'Routing a meeting',
  entry_requested: 'Deciding about an entry',
  enroll_contact: 'Requesting enrollment',
  execute_sequence_step: 'Drafting a message',
  process_reply: 'Classifying a reply',
};

/** No agent works on the task again, so only a person can retry it. */
function failedTaskNext({ id, type, error, campaign_name }: HistoryTask): NextThing {
  const sequence = campaign_name === null ? '' : ` for ${quoted(campaign_name)}`;
  const why = error === null ? '' : ` (“${error}”)`;
  const text = `${FAILED_WORDS[type]}${sequence} failed${why}. A person can retry it (touchline tasks retry ${id}).`;
  return { ...nothing(text), waits_for: 'person' };
}

function enrollmentNext(enrollment: HistoryEnrollment, context: Context): NextThing[] {
  const { status, campaign_name, next_send_at } = enrollment;
  if (status === 'paused') {
    const { paused_reason, paused_until, wake } = enrollment;
    const place = { ...enrollment, step_number: enrollment.current_step };
    const text = `${sentence(quoted(campaign_name))} is paused${pausedBecause(paused_reason, ruleOf(enrollment, context))}`;
    // A person's pause has no wake condition: only a person ends it.
    if (paused_until === null && wake === 'never') {
      return [byPerson(place, `${text}. A person can resume it.`)];
    }
    return [waiting(place, context, paused_until, wake, text, 'then the gates run again')];
  }
  if (status !== 'active') return [];
  const open = context.history.items.find((item) => item.enrollment_id === enrollment.id);
  if (next_send_at === null) {
    if (open !== undefined) return [];
    const text = `${sentence(quoted(campaign_name))} finished its last step and is ending.`;
    return [thing({ ...enrollment, step_number: null }, context.history.now_ms, 'nothing', text)];
  }
  // Until it is drafted, the open queue item is the enrollment's next step itself.
  if (open?.step_number === enrollment.current_step) return [];
  return [dueStep(enrollment, next_send_at.getTime(), open, context)];
}

/** The rule by which the gate paused a sequence, as far back as the log reaches. */
function ruleOf(enrollment: HistoryEnrollment, { history }: Context): string | null {
  const { campaign_name, paused_reason } = enrollment;
  const event = history.events.findLast(
    (one) => one.campaign_name === campaign_name && one.suppressed_reason === paused_reason,
  );
  return event?.resolution ?? null;
}

function pausedBecause(paused_reason: string | null, rule: string | null): string {
  if (paused_reason === null) return '';
  if (Object.hasOwn(REASONS, paused_reason)) return `: ${reasonWords(paused_reason, rule)}`;
  if (paused_reason === 'message_invalid')
    return ': its last message could not be built. Edit and approve that draft, or resume without the step';
  if (paused_reason === 'unreachable') return ': the lead has no address for the next step';
  const answer = ANSWER_PAUSE_WORDS[paused_reason];
  if (answer !== undefined) return `: ${answer}`;
  const by_person = /^person: (.*)$/s.exec(paused_reason)?.[1];
  return by_person === undefined ? `: ${plainWords(paused_reason)}` : ` by a person (“${by_person}”)`;
}

/** The next step of an active enrollment. It waits for its time and for the previous touch. */
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
  if (enrollment.campaign_status !== 'active') return campaignInactive(place, `${what} is on hold`);
  const { now_ms } = context.history;
  if (open !== undefined) {
    const due = due_ms > now_ms ? `is due on ${context.speaker.when(due_ms)}` : 'is due';
    const text = `${what} ${due}, once step ${open.step_number} is done.`;
    return thing(place, Math.max(due_ms, now_ms), due_ms > now_ms ? 'time' : 'nothing', text);
  }
  if (due_ms <= now_ms) return thing(place, now_ms, 'nothing', `${what} is due now: the gates run next.`);
  const text = `${what} is due on ${context.speaker.when(due_ms)}: then the gates run, and it is drafted if every gate passes.`;
  return thing(place, due_ms, 'time', text);
}

function requestNext(request: HistoryRequest, context: Context): NextThing[] {
  const { status, campaign_name, requested_by, held_until, wake } = request;
  if (status !== 'held' && status !== 'queued') return [];
  const word = status === 'held' ? 'is held' : 'is queued';
  const text = `The request of ${context.speaker.agent(requested_by)} for ${quoted(campaign_name)} ${word}`;
  return [
    waiting({ ...request, step_number: null }, context, held_until, wake, text, 'then the gates run again'),
  ];
}

/** The sort key: steps a person can take now count as now; those that wait for an event come last. */
function rank({ at, waits_for }: NextThing, now_ms: number): number {
  if (at !== null) return Temporal.Instant.from(at).epochMilliseconds;
  return waits_for === 'person' || waits_for === 'nothing' ? now_ms : Number.MAX_SAFE_INTEGER;
}

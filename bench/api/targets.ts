import type { Requested, Sample } from './samples.ts';
/** One operation requested in one way: paths that differ only in their subject. */
export type Target = { name: string; paths: readonly string[] };

/** The settings pages, which take no filter. */
const SETTINGS_TARGETS: Readonly<Record<string, readonly string[]>> = {
  agents: ['/agents'],
  users: ['/users'],
  api_keys: ['/api_keys'],
  sessions: ['/sessions'],
  policy: ['/policy'],
  'policy versions': ['/policy/versions'],
  'policy default': ['/policy/default'],
  language_model: ['/language_model'],
  sign_in_options: ['/sign_in_options'],
  clients: ['/clients'],
  organization: ['/organization'],
  assignment_rules: ['/assignment_rules'],
  notification_preferences: ['/notification_preferences'],
  people: ['/people'],
};

/** Every list with each of its filters, and every detail, as pages and agents request them. */
export function targetsOf({ samples, slugs, now }: Requested): Target[] {
  const each = (path: (sample: Sample) => string) => samples.map(path);
  const middle = new Date(now.getTime() - 40 * 24 * 3_600_000).toISOString();
  const targets: Record<string, readonly string[]> = {
    me: ['/me'],
    ...leadTargets(each),
    accounts: ['/accounts'],
    'accounts later page': each((at) => `/accounts?cursor=${cursor(at.account_id)}`),
    'accounts q': each((at) => `/accounts?q=account+${at.n}`),
    'accounts q none': ['/accounts?q=nobody+here'],
    'accounts abm_active': ['/accounts?abm_active=true'],
    'accounts icp_tier': ['/accounts?icp_tier=T3'],
    account: each((at) => `/accounts/${at.account_id}`),
    campaigns: ['/campaigns'],
    campaign: slugs.map((slug) => `/campaigns/${slug}`),
    ...enrollmentTargets(each, slugs),
    ...draftTargets(each, slugs),
    ...answerTargets(each),
    ...ownerTargets(),
    ...suppressionTargets(each),
    ...playTargets(each),
    personal_sends: ['/personal_sends'],
    'personal_sends queue_id': each((at) => `/personal_sends?queue_id=${at.queue_id}`),
    today: ['/today'],
    send_queue: ['/send_queue'],
    'send_queue later page': each((at) => `/send_queue?cursor=${cursor(middle, at.queue_id)}`),
    'send_queue status': [
      'pending',
      'drafted',
      'approved',
      'sent',
      'failed',
      'held',
      'unknown',
      'canceled',
    ].map((status) => `/send_queue?status=${status}`),
    'send_queue lead_id': each((at) => `/send_queue?lead_id=${at.worked_lead_id}`),
    'send_queue held by release': ['/send_queue?status=held&order=release'],
    tasks: ['/tasks'],
    'tasks status': ['open', 'claimed', 'done', 'failed', 'canceled'].map(
      (status) => `/tasks?status=${status}`,
    ),
    'sessions user_id': each((at) => `/sessions?user_id=${at.user_id}`),
    ...eventTargets(each, middle),
    flags: ['/flags'],
    'flags kind': ['stall', 'mailbox_health', 'send_unknown'].map((kind) => `/flags?kind=${kind}`),
    'flags mine': ['/flags?mine=true'],
    'flags all': ['/flags?open_only=false'],
    'flags lead_id': each((at) => `/flags?lead_id=${at.lead_id}`),
    notifications: ['/notifications', '/notifications?unread_only=false'],
    ...SETTINGS_TARGETS,
    ...mailboxTargets(samples[0]!.mailbox_id),
    webhooks: ['/webhooks'],
    'webhook deliveries': each((at) => `/webhooks/${at.webhook_id}/deliveries`),
    audit: ['/audit'],
    'audit subject': each((at) => `/audit?subject=leads:${at.lead_id}`),
    'audit operation': ['/audit?operation=put_policy', '/audit?operation=put_campaign'],
    'audit actor_id': each((at) => `/audit?actor_id=${at.user_id}`),
    'audit since': [`/audit?until=${middle}`, `/audit?since=${middle}`],
  };
  return Object.entries(targets).map(([name, paths]) => ({
    name,
    paths: paths.map((path) => `/api/v1${path}`),
  }));
}

type Each = (path: (sample: Sample) => string) => string[];

function leadTargets(each: Each): Record<string, readonly string[]> {
  const states = ['idle', 'nurture', 'prospecting', 'closing', 'onboarding', 'customer', 'paused'];
  const kinds = ['sent', 'not_sent', 'answers', 'drafts', 'sequences', 'consent'];
  return {
    leads: ['/leads'],
    // One in four: alone they would return four times as many rows a second as all other lists.
    'leads limit 200 of four': ['/leads?limit=200', '/leads', '/leads', '/leads'],
    'leads later page': each((at) => `/leads?cursor=${cursor(at.lead_id)}`),
    'leads q address': each((at) => `/leads?q=${encodeURIComponent(at.email)}`),
    'leads q company': each((at) => `/leads?q=account+${at.n}`),
    'leads q common': ['/leads?q=lead', '/leads?q=account'],
    'leads q none': ['/leads?q=nobody+here'],
    'leads account_id': each((at) => `/leads?account_id=${at.account_id}`),
    'leads cadence_state': states.map((state) => `/leads?cadence_state=${state}`),
    'leads icp_tier': ['T1', 'T2', 'T3'].map((tier) => `/leads?icp_tier=${tier}`),
    'leads blocked': ['true', 'false'].map((blocked) => `/leads?blocked=${blocked}`),
    lead: each((at) => `/leads/${at.lead_id}`),
    'lead signals': each((at) => `/leads/${at.lead_id}/signals`),
    merge_suggestions: ['/leads/merge_suggestions'],
    'merge_suggestions lead_id': each((at) => `/leads/merge_suggestions?lead_id=${at.lead_id}`),
    erased_mentions: ['/erased_mentions'],
    'erased_mentions lead_id': each((at) => `/erased_mentions?lead_id=${at.lead_id}`),
    'leads segment': each((at) => `/leads?segment=segment_${1 + (at.n % 10)}`),
    'lead suppressions': each((at) => `/leads/${at.worked_lead_id}/suppressions`),
    'lead mailbox': each((at) => `/leads/${at.worked_lead_id}/mailbox`),
    'lead timeline': each((at) => `/leads/${at.worked_lead_id}/timeline`),
    'lead timeline kind': each(
      (at) => `/leads/${at.worked_lead_id}/timeline?kind=${kinds[at.n % kinds.length]}`,
    ),
    'lead explain': each((at) => `/leads/${at.worked_lead_id}/explain`),
    'leads owner_user_id': each((at) => `/leads?owner_user_id=${at.user_id}`),
    opportunities: ['/opportunities'],
    'opportunities lead_id': each((at) => `/opportunities?lead_id=${at.lead_id}`),
    'opportunities account_id': each((at) => `/opportunities?account_id=${at.account_id}`),
    'opportunities stage': ['lead', 'won'].map((stage) => `/opportunities?stage=${stage}`),
    'opportunities scope': ['mine', 'team'].map((scope) => `/opportunities?scope=${scope}`),
    opportunity: each((at) => `/opportunities/${at.opportunity_id}`),
    lineage: each((at) => `/lineage/${[at.lead_id, at.draft_id, at.inbound_id, at.play_id][at.n % 4]}`),
    crm_writes: ['/crm/writes'],
    'crm_writes status': ['written', 'refused'].map((status) => `/crm/writes?status=${status}`),
    'crm_writes lead_id': each((at) => `/crm/writes?lead_id=${at.lead_id}`),
    service_records: ['/service_records'],
    'service_records service': ['/service_records?service=qbr_log', '/service_records?service=abm_playbook'],
    'service_records lead_id': each((at) => `/service_records?lead_id=${at.lead_id}`),
    'service_records originating_proposal_id': each(
      (at) => `/service_records?originating_proposal_id=${at.proposal_id}`,
    ),
  };
}

function enrollmentTargets(each: Each, slugs: readonly string[]): Record<string, readonly string[]> {
  const statuses = ['active', 'paused', 'converted', 'rejected', 'timed_out'];
  return {
    enrollments: ['/enrollments'],
    'enrollments later page': each((at) => `/enrollments?cursor=${cursor(at.enrollment_id)}`),
    'enrollments lead_id': each((at) => `/enrollments?lead_id=${at.lead_id}`),
    'enrollments campaign_slug': slugs.map((slug) => `/enrollments?campaign_slug=${slug}`),
    'enrollments status': statuses.map((status) => `/enrollments?status=${status}`),
  };
}

function draftTargets(each: Each, slugs: readonly string[]): Record<string, readonly string[]> {
  return {
    drafts: ['/drafts'],
    'drafts status': ['drafted', 'approved', 'sent', 'held', 'failed', 'unknown', 'canceled'].map(
      (status) => `/drafts?status=${status}`,
    ),
    'drafts campaign_slug': slugs.map((slug) => `/drafts?status=drafted&campaign_slug=${slug}`),
    'drafts queue_id': each((at) => `/drafts?queue_id=${at.queue_id}`),
    'drafts decidable': ['/drafts?status=drafted&decidable=true'],
    'drafts counts': ['/drafts/counts'],
    draft: each((at) => `/drafts/${at.draft_id}`),
    'draft explain': each((at) => `/drafts/${at.draft_id}/explain`),
  };
}

function answerTargets(each: Each): Record<string, readonly string[]> {
  const kinds = ['reply', 'unsubscribe', 'out_of_office', 'auto_reply', 'bounce', 'complaint', 'other'];
  return {
    inbound: ['/inbound'],
    'inbound later page': each((at) => `/inbound?cursor=${cursor(at.inbound_id)}`),
    'inbound kind': kinds.map((kind) => `/inbound?kind=${kind}`),
    'inbound handled': ['true', 'false'].map((handled) => `/inbound?handled=${handled}`),
    'inbound lead_id': each((at) => `/inbound?lead_id=${at.worked_lead_id}`),
    'inbound suggesting': ['/inbound?suggesting=true'],
    'inbound context whole': each((at) => `/inbound/${at.inbound_id}/context?whole=true`),
    'inbound one': each((at) => `/inbound/${at.inbound_id}`),
    'inbound context': each((at) => `/inbound/${at.inbound_id}/context`),
    hand_offs: ['/hand_offs'],
    'hand_offs routed': ['/hand_offs?status=routed'],
    hand_off: each((at) => `/hand_offs/${at.meeting_id}`),
  };
}

function playTargets(each: Each): Record<string, readonly string[]> {
  const states = ['draft', 'under_review', 'active', 'retired'];
  return {
    plays: ['/plays'],
    'plays state': states.map((state) => `/plays?state=${state}`),
    'plays segment': each((at) => `/plays?segment=segment_${1 + (at.n % 10)}`),
    'plays account_id': each((at) => `/plays?account_id=${at.account_id}`),
    'plays writer': ['/plays?writer_agent_id=AGT-901', '/plays?writer_agent_id=AGT-902'],
    'plays q': each((at) => `/plays?q=play+${at.n % 2000}`),
    'plays tier': ['hot', 'warm', 'cold'].map((tier) => `/plays?tier=${tier}`),
    play: each((at) => `/plays/${at.play_id}`),
    'plays config': ['/plays/config'],
    segments: ['/segments'],
  };
}

/** The same lists for the leads of the reader and of the team. */
function ownerTargets(): Record<string, readonly string[]> {
  const lists = [
    'today',
    'leads',
    'accounts',
    'enrollments',
    'drafts',
    'drafts/counts',
    'personal_sends',
    'send_queue',
    'hand_offs',
    'inbound',
    'flags',
  ];
  return Object.fromEntries(
    lists.map((list) => [`${list} scope`, ['mine', 'team'].map((scope) => `/${list}?scope=${scope}`)]),
  );
}

function suppressionTargets(each: Each): Record<string, readonly string[]> {
  return {
    suppressions: ['/suppressions'],
    'suppressions q': each((at) => `/suppressions?q=gone${at.n % 20_000}`),
    'suppressions kind': ['address', 'domain', 'phone'].map((kind) => `/suppressions?kind=${kind}`),
    'suppressions source': ['person', 'file', 'reply'].map((source) => `/suppressions?source=${source}`),
    'suppressions is_lifted': ['true', 'false'].map((is_lifted) => `/suppressions?is_lifted=${is_lifted}`),
  };
}

function mailboxTargets(id: string): Record<string, readonly string[]> {
  return {
    mailboxes: ['/mailboxes'],
    mailbox: [`/mailboxes/${id}`],
    'mailbox use': [`/mailboxes/${id}/use`],
  };
}

function eventTargets(each: Each, middle: string): Record<string, readonly string[]> {
  const reasons = ['compliance_block', 'touch_cap_exceeded', 'illegal_transition'];
  return {
    events: ['/events'],
    'events later page': each((at) => `/events?cursor=${cursor(middle, at.lead_id)}`),
    'events lead_id': each((at) => `/events?lead_id=${at.lead_id}`),
    'events event_type': ['requested', 'dispatched', 'sent', 'edited', 'opted_out'].map(
      (type) => `/events?event_type=${type}`,
    ),
    'events suppressed_reason': reasons.map((reason) => `/events?suppressed_reason=${reason}`),
    'events play_id': each((at) => `/events?play_id=${at.lead_id}`),
    'events campaign_slug': ['b2bea_membership', 'b2bea_world', 'dreamborn'].map(
      (slug) => `/events?campaign_slug=${slug}`,
    ),
    'events actor_id': ['agents.brook', 'agents.tara', 'nobody'].map((actor) => `/events?actor_id=${actor}`),
    'events since': [`/events?since=${middle}`],
    'events until': [`/events?until=${middle}`],
    'events words': ['/events?words=true'],
  };
}

/** A cursor in the product's format, so far into the list that scanning to it would take long. */
function cursor(...key: string[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

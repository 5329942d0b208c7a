/**
 * A refusal that the caller can act on. `code` is stable and documented; `status` is its HTTP status, from the table below
 * unless given; `errors` name the path of every input fault; `hint` names the next step.
 */
export class AppError extends Error {
  readonly code: string;
  readonly status: number;
  readonly errors: readonly FieldError[] | undefined;
  readonly hint: string | undefined;
  /** Further members for the problem document, for example the current content hash of a changed draft. */
  readonly extra: Record<string, unknown> | undefined;

  constructor(code: string, detail: string, options: AppErrorOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.status = options.status ?? STATUS_OF.get(code) ?? 422;
    this.errors = options.errors;
    this.hint = options.hint;
    this.extra = options.extra;
  }
}

export type FieldError = { path: string; message: string; code?: string };

type AppErrorOptions = {
  /** Only if it differs from the table below. */
  status?: number;
  errors?: readonly FieldError[] | undefined;
  hint?: string | undefined;
  extra?: Record<string, unknown> | undefined;
  cause?: unknown;
};

/** The HTTP status of each refusal; a code not listed here means invalid input: 422. */
const CODES_BY_STATUS: Readonly<Record<number, string>> = {
  400: `
    body_incomplete body_missing idempotency_key_invalid import_aborted json_invalid json_too_deep
    json_too_many_values oauth_state_invalid precondition_unsupported request_invalid sso_state_invalid
    url_invalid`,
  401: 'link_invalid sso_refused unauthenticated',
  403: `
    admin_only append_only brain_only coordinator_only field_forbidden forbidden not_approver not_assigned not_human origin_refused
    other_actor password_wrong role_required scope_missing session_required sso_email_unverified
    sso_unknown_person task_of_other_role`,
  404: 'no_catcher not_found prompt_unknown resource_unknown route_unknown tool_unknown',
  405: 'method_not_allowed',
  408: 'request_too_slow',
  409: `
    account_play_active already_enrolled already_leaving already_waiting bounce_handled campaign_in_use crm_not_here chain_broken
    conflict cursor_behind dkim_selector_in_use draft_changed entry_restricted draft_immutable
    flag_resolved four_eyes gate_refused idempotency_in_progress idempotency_key_reused
    idempotency_not_replayable identity_immutable illegal_status_move inbound_no_answer intent_said
    last_admin manager_cycle address_ended address_primary address_taken lead_erased lead_merged same_lead lead_unreachable suggestion_ended mailbox_fixed mailbox_paused mailbox_retired model_budget_spent
    no_template not_approved not_personal oauth_refused opt_out_kept organization_exists
    organization_not_set outcome_unknown password_changed person_inactive play_campaign_fixed
    play_cap_reached play_changed play_incomplete play_locked play_not_active secret_unreadable service_record_differs signal_kept
    still_referenced suggestion_missing task_finished task_lease_lost task_not_possible task_type_wrong template_required
    touch_not_recorded touch_stopped two_people_needed user_exists webhook_not_sent webhook_not_taken
    webhooks_exceeded work_open written_by_person`,
  412: 'version_changed',
  413: 'body_too_large json_too_large',
  415: 'media_type_unsupported',
  429: 'checks_paused rate_limited streams_exceeded',
  431: 'headers_too_large',
  500: 'internal',
  503: `
    already_running busy catcher_unavailable checks_busy clock_ahead clock_differs crm_unreachable database_missing
    database_newer database_owner_differs database_refused database_rights_missing database_role_unsafe
    database_url_invalid dns_unanswered embedded_postgres_failed embedded_postgres_missing
    embedded_postgres_needs_access host_invalid import_busy mailbox_unreachable migration_changed
    migration_failed no_organization not_ready port_taken postgres_too_old sso_unavailable timeout
    unavailable`,
};

const STATUS_OF: ReadonlyMap<string, number> = new Map(
  Object.entries(CODES_BY_STATUS).flatMap(([status, codes]) =>
    codes
      .trim()
      .split(/\s+/)
      .map((code) => [code, Number(status)] as const),
  ),
);

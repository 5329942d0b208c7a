import { api, read, readVersion } from '../api/client.ts';
import type {
  Play,
  PlayOutcomes,
  PlayPreview,
  PlayState,
  RetireReason,
  SuccessCriteria,
  SuggestedCadence,
  TargetDefinition,
} from '../api/schema.d.ts';

export type { ListedPlay, Play, PlayConfig, PlayState, RetireReason } from '../api/schema.d.ts';

export type Preview = PlayPreview;
export type Target = TargetDefinition;
export type Cadence = SuggestedCadence;
export type Criteria = SuccessCriteria;
/** The roles that approve a play. */
export type ApproverRole = 'slm' | 'revops';

/** The fields that users edit under review. */
export type PlayContent = Pick<
  Play,
  | 'name'
  | 'hypothesis'
  | 'target_definition'
  | 'suggested_cadence'
  | 'success_criteria'
  | 'active_period_start'
  | 'active_period_end'
  | 'client_id'
>;

/** The filters of the board, and the column shown on a narrow screen. */
export type BoardFilter = { segment: string; q: string; state: PlayState };

export type ReadPlay = { play: Play; version: string };

export const STATES = ['draft', 'under_review', 'active', 'retired'] as const satisfies readonly PlayState[];

export async function fetchPlay(play_id: string): Promise<ReadPlay> {
  const { body, version } = await readVersion(api.GET('/plays/{id}', at(play_id)));
  return { play: body, version };
}

export function fetchPreview(play_id: string): Promise<Preview> {
  return read(api.GET('/plays/{id}/preview', at(play_id)));
}

export function pickUp(play_id: string): Promise<Play> {
  return read(api.POST('/plays/{id}/pick_up', at(play_id)));
}

/** Throws `version_changed` if another user changed the play since `version`. */
export function editPlay(play_id: string, version: string, changed: Partial<PlayContent>): Promise<Play> {
  const params = { path: { id: play_id }, header: { 'If-Match': version } };
  return read(api.PATCH('/plays/{id}', { params, body: changed }));
}

/** Sends the hash, so that users approve only the text they have read. */
export function approve({ play_id, content_hash }: Play, role: ApproverRole): Promise<Play> {
  return read(api.POST('/plays/{id}/approve', { ...at(play_id), body: { role, content_hash } }));
}

export function withdraw(play_id: string): Promise<Play> {
  return read(api.POST('/plays/{id}/withdraw_approval', at(play_id)));
}

/** `reason` is for an active play; before activation, the state is the reason. */
export function retire(play_id: string, reason?: Exclude<RetireReason, 'auto_sunset'>): Promise<Play> {
  return read(
    api.POST('/plays/{id}/retire', { ...at(play_id), body: reason === undefined ? {} : { reason } }),
  );
}

export function copy(play_id: string): Promise<Play> {
  return read(api.POST('/plays/{id}/copy', at(play_id)));
}

export type Outcomes = PlayOutcomes;

export function putOutcomes(play_id: string, retrospective_outcomes: Outcomes): Promise<Play> {
  return read(api.PUT('/plays/{id}/outcomes', { ...at(play_id), body: { retrospective_outcomes } }));
}

function at(id: string) {
  return { params: { path: { id } } };
}

/** Returns the approver of a role and the time; null without an approval. */
export function approvalOf(play: Play, role: ApproverRole) {
  return role === 'slm'
    ? { user_id: play.slm_approver_user_id, name: play.slm_approver_name, at: play.slm_approved_at }
    : { user_id: play.revops_approver_user_id, name: play.revops_approver_name, at: play.revops_approved_at };
}

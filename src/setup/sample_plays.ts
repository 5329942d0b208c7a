/** Sample plays: two drafts, one under review, one rejected. */
import { readFileSync } from 'node:fs';
import type { OperationContext } from '../context.ts';
import { listPlays } from '../db/queries/plays.gen.ts';
import { playOperations } from '../operations/plays/plays.ts';
import { playReviewOperations } from '../operations/plays/review.ts';
import type { Principal } from '../principal.ts';
import { readYaml } from '../templates/yaml.ts';

const [proposePlay] = playOperations;
const [pickUp, edit, approve, , retire] = playReviewOperations;

type Proposed = Parameters<typeof proposePlay.run>[0]['input'];
type Sample = { agent_id: string; play: Omit<Proposed, 'scope' | 'client_id'> };
type SampleFile = {
  segments: { segment: string; name: string; description: string }[];
  plays: Record<'shops' | 'report' | 'panel' | 'weekly', Sample>;
  edited_hypothesis: string;
};

const SAMPLE_PLAYS = new URL('../../samples/plays.yaml', import.meta.url);

/** The segments and plays that ship with the product. */
export function readSamplePlays(): SampleFile {
  const read = readYaml(readFileSync(SAMPLE_PLAYS, 'utf8'));
  if (!('value' in read)) throw new Error('samples/plays.yaml is not valid YAML');
  return read.value as SampleFile;
}

/** Does nothing if plays exist. The brains propose in their own names, `person` does the rest. */
export async function loadSamplePlays(
  context: OperationContext,
  person: Principal,
  { plays, edited_hypothesis: hypothesis }: SampleFile,
): Promise<void> {
  const { org_id } = person;
  const all = { state: null, segment: null, account_id: null, writer_agent_id: null, tier: null, q: null };
  const reader = { only_writer: null, only_state: null, before_time: null, before_id: null };
  const known = await listPlays.run(
    { org_id, ...all, ...reader, now: context.clock.now(), limit: 1 },
    context.db,
  );
  if (known.length > 0) return;
  const propose = async ({ agent_id, play }: Sample) => {
    const principal: Principal = { kind: 'agent', org_id, agent_id, agent_kind: 'brain', name: agent_id };
    const input = proposePlay.input.parse({ scope: 'segment', client_id: 'b2bea', ...play });
    return (await proposePlay.run({ context, principal, input })).play_id;
  };
  const weekly = await propose(plays.weekly);
  await propose(plays.panel);
  const report = await propose(plays.report);
  await propose(plays.shops);
  const by = { context, principal: person };
  await retire.run({ ...by, input: { id: weekly } });
  await pickUp.run({ ...by, input: { id: report } });
  const proposed = plays.report.play.suggested_cadence.steps ?? [];
  const steps = proposed.map((step, at) => (at === 2 ? { ...step, delay_days: 8 } : step));
  const changed = { hypothesis, suggested_cadence: { steps } };
  await edit.run({ ...by, input: { id: report, ...changed } });
  await approve.run({ ...by, input: { id: report, role: 'revops' } });
}

import type { CrmDescription, CrmPlannedAttribute, CrmStage } from '../../connectors/crm/port.ts';
import type { FieldError } from '../../errors.ts';
import { OPPORTUNITY_STAGE_VALUES, type OpportunityStage } from '../../schema.gen.ts';
import { type CrmFields, fieldFaults } from './fields.ts';

/** The CRM's stage of each stage of an opportunity. */
export type CrmStages = Record<OpportunityStage, string>;

/** The facts about a CRM that a connection needs. */
export type CrmFindings = {
  missing_scopes: readonly string[];
  description: Pick<CrmDescription, 'attributes' | 'stages' | 'owners'>;
  attributes: readonly CrmPlannedAttribute[];
};

/**
 * The stages that the caller names; the others as far as they follow from the CRM's own: the first open ones, the first won, the
 * first lost, all of the pipeline of the first named stage, else of the first pipeline.
 */
export function mappedStages(
  stages: readonly CrmStage[],
  named: { [Stage in OpportunityStage]?: string | undefined } = {},
): Partial<CrmStages> {
  const pipeline_id = pipelineOf(stages, named) ?? stages[0]?.pipeline_id ?? null;
  const own = stages.filter((stage) => stage.pipeline_id === pipeline_id);
  const of = (end: CrmStage['end']) =>
    own.filter((stage) => stage.end === end).map(({ stage_id }) => stage_id);
  const [lead, in_progress = lead] = of('open');
  const found = {
    lead: named.lead ?? lead,
    in_progress: named.in_progress ?? in_progress,
    won: named.won ?? of('won')[0],
    lost: named.lost ?? of('lost')[0],
  };
  return Object.fromEntries(
    Object.entries(found).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** The titles of mapped stages; an unknown stage keeps its id. */
export function titlesOf(mapped: Partial<CrmStages>, stages: readonly CrmStage[]): Partial<CrmStages> {
  const titles = new Map(stages.map(({ stage_id, title }) => [stage_id, title]));
  return Object.fromEntries(Object.entries(mapped).map(([stage, id]) => [stage, titles.get(id) ?? id]));
}

/** Every reason why Touchline could not write to this CRM, with the path of the input that mends it. */
export function faultsOf(
  { missing_scopes, description, attributes }: CrmFindings,
  stages: Partial<CrmStages>,
  deal_owner_id: string | null,
  fields: CrmFields,
): FieldError[] {
  const errors: FieldError[] = [];
  for (const scope of missing_scopes) errors.push({ path: 'api_key', message: `lacks the scope ${scope}` });
  // Without a scope, nothing else is known.
  if (errors.length > 0) return errors;
  for (const { state, path, fault } of attributes)
    if (state === 'unfit')
      errors.push({ path, message: fault ?? 'is not the attribute that Touchline needs' });
  const pipeline_id = pipelineOf(description.stages, stages);
  for (const stage of OPPORTUNITY_STAGE_VALUES) {
    const fault = stageFault(stage, stages[stage], description.stages, pipeline_id);
    if (fault !== null) errors.push({ path: `stages.${stage}`, message: fault });
  }
  const owner = description.owners.find(({ owner_id }) => owner_id === deal_owner_id);
  if (deal_owner_id !== null && owner?.is_active !== true)
    errors.push({ path: 'deal_owner_id', message: 'is no active user of the CRM' });
  return [...errors, ...fieldFaults(fields, description)];
}

/** The pipeline of the first stage that the CRM has; null without pipelines. */
function pipelineOf(
  known: readonly CrmStage[],
  stages: { [Stage in OpportunityStage]?: string | undefined },
): string | null {
  const found = OPPORTUNITY_STAGE_VALUES.map((stage) => stages[stage])
    .map((stage_id) => known.find((one) => one.stage_id === stage_id))
    .find((stage) => stage !== undefined);
  return found?.pipeline_id ?? null;
}

function stageFault(
  stage: OpportunityStage,
  stage_id: string | undefined,
  known: readonly CrmStage[],
  pipeline_id: string | null,
): string | null {
  if (stage_id === undefined)
    return pipeline_id === null
      ? 'the CRM has no such stage: name one'
      : `the pipeline ${pipeline_id} has no such stage`;
  const found = known.find((one) => one.stage_id === stage_id);
  if (found === undefined) return 'is no stage of deals in the CRM';
  if (found.pipeline_id !== pipeline_id)
    return `is a stage of the pipeline ${found.pipeline_id}, but the others are of ${pipeline_id}`;
  const wanted = stage === 'won' || stage === 'lost' ? stage : 'open';
  if (found.is_end_certain && found.end !== wanted) return `is a stage of ${found.end} deals in the CRM`;
  return null;
}

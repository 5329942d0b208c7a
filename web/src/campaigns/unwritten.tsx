import { useQuery } from '@tanstack/react-query';
import { api, read } from '../api/client.ts';
import { Link } from '../ui/link.tsx';
import type { Campaign } from './campaign.ts';

/**
 * Names the steps that nothing can draft: no template, no language model, and no outside agent. Otherwise renders
 * nothing.
 */
export function Unwritten({ campaign }: { campaign: Campaign }) {
  const model = useQuery({ queryKey: ['language_model'], queryFn: () => read(api.GET('/language_model')) });
  const agents = useQuery({ queryKey: ['agents'], queryFn: () => read(api.GET('/agents')) });
  const steps = campaign.steps.filter(({ template }) => template === null);
  const owner = agents.data?.items.find(({ id }) => id === campaign.owner_role);
  if (steps.length === 0 || campaign.play_id !== null || model.data === undefined || owner === undefined)
    return null;
  if (model.data.name !== null || owner.worked_by === 'outside') return null;
  const numbers = new Intl.ListFormat('en').format(steps.map(({ step_number }) => String(step_number)));
  return (
    <p className="notice notice_bad" role="status">
      {steps.length === 1 ? 'Step' : 'Steps'} {numbers} cannot be drafted without a template or a language
      model. Leads wait at {steps.length === 1 ? 'this step' : 'these steps'}.{' '}
      <Link to={`/campaigns/${campaign.slug}/steps`}>Add a template</Link> to draft their messages.
    </p>
  );
}

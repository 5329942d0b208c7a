import { useQuery } from '@tanstack/react-query';
import { api, read } from '../api/client.ts';
import { MINUTE_MS } from '../ui/durations.ts';

const KEPT_MS = 10 * MINUTE_MS;

/** Name of an agent, for example "Brooke (roles.sales)", or the ID alone until the name is known. */
export function useAgentName(): (agent_id: string) => string {
  const agents = useQuery({
    queryKey: ['agents'],
    queryFn: () => read(api.GET('/agents')),
    staleTime: KEPT_MS,
  });
  return (agent_id) => {
    return agentWords(agent_id, agents.data?.items.find(({ id }) => id === agent_id)?.display_name);
  };
}

/** Two agents may have the same name, so the ID follows. */
export function agentWords(agent_id: string, name: string | undefined): string {
  return name === undefined || name === agent_id ? agent_id : `${name} (${agent_id})`;
}

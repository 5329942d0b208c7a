import { useQuery } from '@tanstack/react-query';
import { api, read } from '../api/client.ts';
import { MINUTE_MS } from '../ui/durations.ts';

const KEPT_MS = 10 * MINUTE_MS;

/** What an agent is called: "Brooke (roles.sales)", or its id alone while that is not known. */
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

/** Two agents may bear one name, so the id goes along. */
export function agentWords(agent_id: string, name: string | undefined): string {
  return name === undefined || name === agent_id ? agent_id : `${name} (${agent_id})`;
}

import { useQuery } from '@tanstack/react-query';
import { api, read } from '../api/client.ts';

const KEPT_MS = 10 * 60_000;

/** What an agent is called: "Brooke (roles.sales)", or its id alone while that is not known. */
export function useAgentName(): (agent_id: string) => string {
  const agents = useQuery({
    queryKey: ['agents'],
    queryFn: () => read(api.GET('/agents')),
    staleTime: KEPT_MS,
  });
  return (agent_id) => {
    const name = agents.data?.items.find(({ id }) => id === agent_id)?.display_name;
    return name === undefined || name === agent_id ? agent_id : `${name} (${agent_id})`;
  };
}

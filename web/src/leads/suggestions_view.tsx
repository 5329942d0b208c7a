import { useQuery } from '@tanstack/react-query';
import { api, read } from '../api/client.ts';
import { Suggested } from '../replies/suggested.tsx';
import { useMe } from '../sessions/me.ts';
import { canDecide } from '../sessions/roles.ts';
import { Failure } from '../ui/failure.tsx';
import { REFRESH_MS } from './lead.ts';

/** Replies of one lead rarely name more people. */
const SHOWN_MAX = 5;

/** People that this lead's replies suggest. */
export function SuggestionsView({ lead_id }: { lead_id: string }) {
  const me = useMe();
  const replies = useQuery({
    queryKey: ['leads', lead_id, 'suggestions'],
    queryFn: () =>
      read(api.GET('/inbound', { params: { query: { lead_id, suggesting: true, limit: SHOWN_MAX } } })),
    refetchInterval: REFRESH_MS,
  });
  return (
    <>
      <Failure error={replies.error} />
      {replies.data?.items.map((message) => (
        <Suggested key={message.id} message={message} may_decide={canDecide(me)} heading="h2" />
      ))}
    </>
  );
}

import { cache } from '../api/cache.ts';
import type { Me } from '../sessions/me.ts';
import { canDecide } from '../sessions/roles.ts';
import { Choice } from '../ui/choice.tsx';
import { go, useRoute } from '../ui/route.ts';

/** Whether pending drafts are only those that await the user’s decision: the default of users who decide. */
export function showsDecidable(): boolean {
  const me = cache.getQueryData<{ me: Me }>(['me'])?.me;
  return canDecide(me) && new URLSearchParams(location.search).get('pending') !== 'all';
}

/** Chooses between these and all pending drafts. The address keeps it, and forgets which draft was open. */
export function DecidableChoice() {
  const { path, query } = useRoute();
  const choose = (chosen: 'all' | null) => {
    const kept = new URLSearchParams(query);
    kept.delete('item');
    kept.delete('pending');
    if (chosen !== null) kept.set('pending', chosen);
    go(kept.size === 0 ? path : `${path}?${kept}`, { replace: true });
  };
  return (
    <Choice
      label="Approver"
      value={showsDecidable() ? null : 'all'}
      otherwise="Me"
      options={[['all', 'All']]}
      onChoose={choose}
    />
  );
}

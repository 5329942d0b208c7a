import type { Pages } from '../api/pages.ts';
import { ActionButton } from './action_button.tsx';

/** Loads the next page of a list. */
export function More<Item>({ pages }: { pages: Pages<Item> }) {
  if (!pages.has_more) return null;
  return (
    <ActionButton type="button" className="more" onClick={pages.loadMore} is_busy={pages.is_loading_more}>
      {pages.is_loading_more ? 'Loading…' : 'Load more'}
    </ActionButton>
  );
}

import type { Pages } from '../api/pages.ts';

/** Reads the next page of a list. */
export function More<Item>({ pages }: { pages: Pages<Item> }) {
  if (!pages.has_more) return null;
  return (
    <button type="button" className="more" onClick={pages.loadMore} disabled={pages.is_loading_more}>
      {pages.is_loading_more ? 'Reading …' : 'More'}
    </button>
  );
}

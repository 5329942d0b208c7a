import { type InfiniteData, type QueryKey, useInfiniteQuery } from '@tanstack/react-query';
import { cache } from './cache.ts';

export type Page<Item> = { items: Item[]; next_cursor: string | null };

export type Pages<Item> = {
  items: readonly Item[];
  is_loading: boolean;
  has_more: boolean;
  is_loading_more: boolean;
  loadMore(): void;
  /** Set while the last read failed; `items` then holds the earlier result. */
  error: Error | null;
};

/** A paged list, refreshed every `refresh_ms` while the window is visible. */
export function usePages<Item>(
  key: QueryKey,
  fetchPage: (cursor: string | undefined) => Promise<Page<Item>>,
  refresh_ms: number | false,
  is_wanted = true,
): Pages<Item> {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => fetchPage(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    refetchInterval: refresh_ms,
    enabled: is_wanted,
  });
  return {
    items: query.data?.pages.flatMap((page) => page.items) ?? [],
    is_loading: query.isPending,
    has_more: query.hasNextPage,
    is_loading_more: query.isFetchingNextPage,
    loadMore: () => {
      if (query.hasNextPage && !query.isFetchingNextPage) query.fetchNextPage();
    },
    error: query.error,
  };
}

/**
 * Removes items from all lists whose keys start with `key`, once the server has confirmed the removal. Pending reads are
 * canceled: they may have started before.
 */
export function dropFromPages<Item>(key: QueryKey, isGone: (item: Item) => boolean): void {
  cache.cancelQueries({ queryKey: key });
  cache.setQueriesData<InfiniteData<Page<Item>>>({ queryKey: key }, (data) =>
    data === undefined
      ? data
      : {
          ...data,
          pages: data.pages.map((page) => ({ ...page, items: page.items.filter((item) => !isGone(item)) })),
        },
  );
}

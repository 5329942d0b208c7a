import { QueryClient } from '@tanstack/react-query';
import { Refusal } from './refusal.ts';

/** Cached reads. Refusals are not retried; a broken connection is. */
export const cache = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 1_000,
      retry: (failures, error) => !(error instanceof Refusal && error.problem.status > 0) && failures < 2,
    },
  },
});

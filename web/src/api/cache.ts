import { QueryClient } from '@tanstack/react-query';
import { Refusal } from './refusal.ts';

/** What was read from the server. A refusal is an answer and is not asked for again; a broken line is. */
export const cache = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 1_000,
      retry: (failures, error) => !(error instanceof Refusal && error.problem.status > 0) && failures < 2,
    },
  },
});

import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { cache } from '../api/cache.ts';
import { api, read } from '../api/client.ts';
import type { Me } from '../api/schema.d.ts';
import { notePerson } from './person.ts';

export type { Me } from '../api/schema.d.ts';

type ReadMe = { me: Me; read_at_ms: number };

/** The signed-in user; undefined until the server has responded. */
export function useMe(): Me | undefined {
  return useReadMe()?.me;
}

/**
 * The product's clock in epoch milliseconds, which may run faster than real time; undefined until known. Updates every
 * `every_ms` of real time.
 */
export function useNow(every_ms = 15_000): number | undefined {
  const known = useReadMe();
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), every_ms);
    return () => clearInterval(timer);
  }, [every_ms]);
  return nowOf(known);
}

/** The current product time for code outside of components. */
export function productNow(): number | undefined {
  return nowOf(cache.getQueryData<ReadMe>(['me']));
}

function nowOf(known: ReadMe | undefined): number | undefined {
  if (known === undefined) return undefined;
  return new Date(known.me.now).getTime() + (performance.now() - known.read_at_ms) * known.me.speed;
}

function useReadMe(): ReadMe | undefined {
  const query = useQuery({
    queryKey: ['me'],
    queryFn: async () => {
      const known = await readMe();
      // Another user signed in in another tab, so this page shows data that is not theirs.
      if (notePerson(personIn(known))) location.reload();
      return known;
    },
    refetchInterval: 60_000,
  });
  return query.data;
}

/** Reads the user who has just signed in before the pages show anything. */
export async function meetPerson(): Promise<void> {
  notePerson(personIn(await readMe()));
}

async function readMe(): Promise<ReadMe> {
  const me = await read(api.GET('/me'));
  return { me, read_at_ms: performance.now() };
}

function personIn({ me }: ReadMe): string {
  return [me.org_id, me.user_id, me.agent_id].join();
}

/** Product seconds per real second; 1 while unknown. */
export function clockSpeed(): number {
  return cache.getQueryData<ReadMe>(['me'])?.me.speed ?? 1;
}

/** The id of the signed-in user, if it was read. */
export function myUserId(): string | null {
  return cache.getQueryData<ReadMe>(['me'])?.me.user_id ?? null;
}

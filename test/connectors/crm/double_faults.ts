/* The limits and faults of a double: when a request is refused or dropped though nothing is wrong with it. */

/** Percent of requests. `drop` closes the connection, half of the time after the write. Others are HTTP statuses. */
export type Faults = Partial<Record<'drop' | '429' | '500' | '502' | '503', number>>;

export type Fate =
  | { do: 'answer' }
  | { do: 'drop'; when: 'before' | 'after' }
  | { do: 'fail'; status: number; until_ms: number | null; window_ms: number };

/** HubSpot counts searches apart, too. */
export type Calls = 'read' | 'write' | 'search';

/** At most `count` calls of this kind in any window of this length. */
export type Limit = { calls: Calls | 'all'; count: number; window_ms: number };

export function newFate(random: () => number, now_ms: () => number, limits: readonly Limit[]) {
  const counted = limits.map((limit) => ({ ...limit, recent: [] as number[] }));
  let faults: Faults = {};
  let over_count = 0;
  return {
    setFaults(next: Faults) {
      faults = next;
    },
    /** How many requests came over a limit. */
    over: () => over_count,
    of(kind: Calls): Fate {
      const now = now_ms();
      const own = counted.filter(({ calls }) => calls === 'all' || calls === kind);
      for (const limit of own) limit.recent = limit.recent.filter((at) => at > now - limit.window_ms);
      const reached_one = own.find(({ recent, count }) => recent.length >= count);
      if (reached_one !== undefined) {
        over_count += 1;
        const { recent, window_ms } = reached_one;
        return { do: 'fail', status: 429, until_ms: recent[0]! + window_ms, window_ms };
      }
      for (const { recent } of own) recent.push(now);
      const roll = random() * 100;
      const side = random();
      let reached = 0;
      for (const [fault, percent] of Object.entries(faults)) {
        reached += percent;
        if (roll >= reached) continue;
        if (fault === 'drop') return { do: 'drop', when: side < 0.5 ? 'before' : 'after' };
        const { window_ms } = own[0]!;
        const until_ms = fault === '429' ? now + window_ms : null;
        return { do: 'fail', status: Number(fault), until_ms, window_ms };
      }
      return { do: 'answer' };
    },
  };
}

/** As `429=5,drop=5`. Throws for another form. */
export function readPercents<K extends string>(
  text: string,
  known: readonly K[],
): Partial<Record<K, number>> {
  const pairs = text.split(',').filter((part) => part !== '');
  const read = pairs.map((part) => {
    const [, key = '', percent] = /^([a-z0-9]+)=(\d{1,3})$/.exec(part) ?? [];
    if (!known.includes(key as K))
      throw new Error(`${part}: expected NAME=PERCENT with ${known.join(', ')}.`);
    return [key, Number(percent)];
  });
  return Object.fromEntries(read);
}

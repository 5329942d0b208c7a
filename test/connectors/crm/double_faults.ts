/* The double's limits and faults: when a request is refused or dropped though nothing is wrong with it. */

/** Percent of requests. `drop` closes the connection, half of the time after the write. Others are HTTP statuses. */
export type Faults = Partial<Record<'drop' | '429' | '500' | '502' | '503', number>>;

export type Fate =
  | { do: 'answer' }
  | { do: 'drop'; when: 'before' | 'after' }
  | { do: 'fail'; status: number; until_ms: number | null };

const WINDOW_MS = 1_000;
const LIMITS = { read: 100, write: 25 };

export function newFate(random: () => number, now_ms: () => number) {
  const calls: Record<'read' | 'write', number[]> = { read: [], write: [] };
  let faults: Faults = {};
  return {
    setFaults(next: Faults) {
      faults = next;
    },
    of(is_write: boolean): Fate {
      const kind = is_write ? 'write' : 'read';
      const now = now_ms();
      const recent = calls[kind].filter((at) => at > now - WINDOW_MS);
      calls[kind] = recent;
      if (recent.length >= LIMITS[kind]) return { do: 'fail', status: 429, until_ms: recent[0]! + WINDOW_MS };
      recent.push(now);
      const roll = random() * 100;
      const side = random();
      let reached = 0;
      for (const [fault, percent] of Object.entries(faults)) {
        reached += percent;
        if (roll >= reached) continue;
        if (fault === 'drop') return { do: 'drop', when: side < 0.5 ? 'before' : 'after' };
        return { do: 'fail', status: Number(fault), until_ms: fault === '429' ? now + WINDOW_MS : null };
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

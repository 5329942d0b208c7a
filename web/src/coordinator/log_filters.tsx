import { useQuery } from '@tanstack/react-query';
import { agentWords } from '../agents/names.ts';
import { api, read } from '../api/client.ts';
import { Choice } from '../ui/choice.tsx';
import { MINUTE_MS } from '../ui/durations.ts';
import { REASONS, type Reason } from '../ui/reasons.ts';
import { go } from '../ui/route.ts';
import { localTime } from '../ui/time.tsx';
import { type EventType, TYPES } from './words.ts';

const KEPT_MS = 5 * MINUTE_MS;

/** Filters of the log with the API's names, kept in the address. */
export type LogFilters = {
  reason: Reason | null;
  type: EventType | null;
  actor_id: string | null;
  campaign: string | null;
  play_id: string | null;
  lead_id: string | null;
  since: string | null;
  until: string | null;
};

export function logFiltersOf(query: URLSearchParams): LogFilters {
  const instant = (name: string) => {
    const given = query.get(name);
    return given === null || Number.isNaN(Date.parse(given)) ? null : given;
  };
  return {
    reason: REASONS.find(([reason]) => reason === query.get('reason'))?.[0] ?? null,
    type: TYPES.find(([type]) => type === query.get('type'))?.[0] ?? null,
    actor_id: query.get('actor_id'),
    campaign: query.get('campaign'),
    play_id: query.get('play_id'),
    lead_id: query.get('lead_id'),
    since: instant('since'),
    until: instant('until'),
  };
}

/** Only the filters that are set. */
export function logQuery(filters: LogFilters) {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== null)) as {
    [Name in keyof LogFilters]?: NonNullable<LogFilters[Name]>;
  };
}

export function logAddress(filters: Partial<LogFilters>): string {
  const query = new URLSearchParams(
    Object.entries(filters).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  );
  return query.size === 0 ? '/coordinator' : `/coordinator?${query}`;
}

export function LogFilterBar({ filters }: { filters: LogFilters }) {
  const set = (change: Partial<LogFilters>) => go(logAddress({ ...filters, ...change }), { replace: true });
  const agents = useChoice('agents', async () =>
    (await read(api.GET('/agents'))).items.map(
      ({ id, display_name }) => [id, agentWords(id, display_name)] as const,
    ),
  );
  const campaigns = useChoice('campaigns', async () => {
    const page = await read(api.GET('/campaigns', { params: { query: { limit: 200 } } }));
    return page.items.map(({ slug, name }) => [slug, name] as const);
  });
  const plays = useChoice('plays', async () => {
    const page = await read(api.GET('/plays', { params: { query: { limit: 200 } } }));
    return page.items.map(({ play_id, name }) => [play_id, name] as const);
  });
  return (
    <div className="filters">
      <Choice
        label="Reason"
        value={filters.reason}
        options={REASONS}
        onChoose={(reason) => set({ reason })}
      />
      <Choice label="Event" value={filters.type} options={TYPES} onChoose={(type) => set({ type })} />
      <Choice
        label="Agent"
        value={filters.actor_id}
        options={agents}
        onChoose={(actor_id) => set({ actor_id })}
      />
      <Choice
        label="Campaign"
        value={filters.campaign}
        options={campaigns}
        onChoose={(campaign) => set({ campaign })}
      />
      {plays.length === 0 ? null : (
        <Choice
          label="Play"
          value={filters.play_id}
          options={plays}
          onChoose={(play_id) => set({ play_id })}
        />
      )}
      <Chips filters={filters} onSet={set} />
    </div>
  );
}

/** Filters from a link: one lead, or a time span. */
function Chips({ filters, onSet }: { filters: LogFilters; onSet(change: Partial<LogFilters>): void }) {
  const { lead_id, since, until } = filters;
  const lead = useQuery({
    queryKey: ['leads', lead_id, 'chip'],
    queryFn: () => read(api.GET('/leads/{id}', { params: { path: { id: lead_id ?? '' } } })),
    enabled: lead_id !== null,
  });
  const is_filtered = Object.keys(logQuery(filters)).length > 0;
  return (
    <>
      {lead_id === null ? null : (
        <Chip words={`Only ${lead.data?.email ?? 'one lead'}`} onRemove={() => onSet({ lead_id: null })} />
      )}
      {since === null && until === null ? null : (
        <Chip words={spanWords(since, until)} onRemove={() => onSet({ since: null, until: null })} />
      )}
      {is_filtered ? (
        <button type="button" className="quiet" onClick={() => go('/coordinator', { replace: true })}>
          Clear filters
        </button>
      ) : null}
    </>
  );
}

function Chip({ words, onRemove }: { words: string; onRemove(): void }) {
  return (
    <button type="button" className="chip" onClick={onRemove} aria-label={`Remove filter: ${words}`}>
      {words} <span aria-hidden="true">×</span>
    </button>
  );
}

function spanWords(since: string | null, until: string | null): string {
  return [since === null ? '' : `from ${localTime(since)}`, until === null ? '' : `until ${localTime(until)}`]
    .filter(Boolean)
    .join(' ');
}

type Options = readonly (readonly [string, string])[];

function useChoice(noun: string, fetchOptions: () => Promise<Options>): Options {
  const query = useQuery({ queryKey: ['log choices', noun], queryFn: fetchOptions, staleTime: KEPT_MS });
  return query.data ?? [];
}

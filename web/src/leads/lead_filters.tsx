import { useQuery } from '@tanstack/react-query';
import { type RefObject, useEffect, useId, useRef, useState } from 'react';
import { api, read } from '../api/client.ts';
import { useMe } from '../sessions/me.ts';
import { usePeople } from '../sessions/people.ts';
import { Choice, type ChoiceProps } from '../ui/choice.tsx';
import { MINUTE_MS } from '../ui/durations.ts';
import { useKeys } from '../ui/keys.ts';
import { go } from '../ui/route.ts';
import { keepScope, useScope } from '../ui/scope.tsx';
import { addressOf, isFiltered, type LeadFilters, STATES, TIERS } from './filters.ts';
import { STATE_WORDS } from './words.ts';

const PAUSE_IN_TYPING_MS = 200;
const KEPT_MS = 5 * MINUTE_MS;

/** All filters of the leads list. Each change updates the address immediately. */
export function LeadFilterBar({ filters }: { filters: LeadFilters }) {
  const set = (change: Partial<LeadFilters>) => go(addressOf({ ...filters, ...change }), { replace: true });
  return (
    <div className="filters">
      <Search filters={filters} />
      <OwnerChoice filters={filters} />
      <Choice
        label="Tier"
        value={filters.icp_tier}
        options={TIERS.map((tier) => [tier, tier])}
        onChoose={(icp_tier) => set({ icp_tier })}
      />
      <Choice
        label="State"
        value={filters.cadence_state}
        options={STATES.map((state) => [state, STATE_WORDS[state]])}
        onChoose={(cadence_state) => set({ cadence_state })}
      />
      <SegmentChoice value={filters.segment} onChoose={(segment) => set({ segment })} />
      <Choice
        label="Consent"
        value={filters.blocked === null ? null : filters.blocked ? 'true' : 'false'}
        options={[
          ['true', 'Opted out'],
          ['false', 'Not opted out'],
        ]}
        onChoose={(blocked) => set({ blocked: blocked === null ? null : blocked === 'true' })}
      />
      <AccountChip account_id={filters.account_id} onRemove={() => set({ account_id: null })} />
      {isFiltered(filters) ? (
        <button type="button" className="quiet" onClick={() => go(keepScope('/leads'), { replace: true })}>
          Clear filters
        </button>
      ) : null}
    </div>
  );
}

function Search({ filters }: { filters: LeadFilters }) {
  const { q } = filters;
  const [typed, setTyped] = useState(q);
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  useFocusKey(field);
  useEffect(() => {
    const wanted = typed.trim();
    if (wanted === q) return;
    const timer = setTimeout(
      () => go(addressOf({ ...filters, q: wanted }), { replace: true }),
      PAUSE_IN_TYPING_MS,
    );
    return () => clearTimeout(timer);
  }, [typed, q, filters]);
  // The address changed elsewhere: by "Clear filters" or by going back.
  useEffect(() => {
    if (document.activeElement !== field.current) setTyped(q);
  }, [q]);
  return (
    <search className="search">
      <label className="unseen" htmlFor={id}>
        Search by the start of an email, domain, name, or company
      </label>
      <input
        id={id}
        ref={field}
        type="search"
        autoComplete="off"
        placeholder="Name, company, or email ( / )"
        value={typed}
        maxLength={200}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' || event.key === 'ArrowDown') focusFirstRow();
        }}
      />
    </search>
  );
}

const SCOPES: readonly (readonly [string, string])[] = [
  ['mine', 'Me'],
  ['team', 'My team'],
];

/** The owner of the leads: the user, the user’s team, or another user. */
function OwnerChoice({ filters }: { filters: LeadFilters }) {
  const scope = useScope();
  const me = useMe();
  const others = usePeople().filter(({ id }) => id !== me?.user_id);
  const choose = (chosen: string | null) => {
    const is_scope = chosen === null || SCOPES.some(([name]) => name === chosen);
    const to = new URL(addressOf({ ...filters, owner_user_id: is_scope ? null : chosen }), location.origin);
    to.searchParams.set('scope', is_scope ? (chosen ?? 'all') : 'all');
    go(to.pathname + to.search, { replace: true });
  };
  return (
    <Choice
      label="Owner"
      value={filters.owner_user_id ?? (scope === 'all' ? null : scope)}
      otherwise="All"
      options={[...SCOPES, ...others.map(({ id, name }) => [id, name] as const)]}
      onChoose={choose}
    />
  );
}

/** `/` focuses the search field. */
function useFocusKey(field: RefObject<HTMLInputElement | null>): void {
  useKeys({
    '/': () => {
      field.current?.focus();
      field.current?.select();
    },
  });
}

function focusFirstRow(): void {
  document.querySelector<HTMLElement>('.rows .row')?.focus();
}

function SegmentChoice({ value, onChoose }: Pick<ChoiceProps<string>, 'value' | 'onChoose'>) {
  const segments = useSegments();
  const known = segments.some(([segment]) => segment === value);
  const options = value === null || known ? segments : [...segments, [value, value] as const];
  if (options.length === 0) return null;
  return <Choice label="Segment" value={value} options={options} onChoose={onChoose} />;
}

/** Reads the organization's segments with their names. */
export function useSegments(): readonly (readonly [segment: string, name: string])[] {
  const segments = useQuery({
    queryKey: ['segments'],
    queryFn: () => read(api.GET('/segments', { params: { query: { limit: 200 } } })),
    staleTime: KEPT_MS,
  });
  return (segments.data?.items ?? []).map(({ segment, name }) => [segment, name]);
}

function AccountChip({ account_id, onRemove }: { account_id: string | null; onRemove(): void }) {
  const account = useQuery({
    queryKey: ['accounts', account_id],
    queryFn: () => read(api.GET('/accounts/{id}', { params: { path: { id: account_id ?? '' } } })),
    enabled: account_id !== null,
    staleTime: KEPT_MS,
  });
  if (account_id === null) return null;
  const name = account.data?.name ?? '1 account';
  return (
    <button type="button" className="chip" onClick={onRemove} aria-label={`Remove filter: ${name}`}>
      {name} <span aria-hidden="true">×</span>
    </button>
  );
}

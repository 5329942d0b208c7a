/**
 * Faults of the gate, each a change of one line, to prove that the cases find them. They are applied in memory while the
 * modules are imported: `file:///.../gates.ts?mutant=3` is the gate with the third fault, separate from every other.
 */
import { registerHooks } from 'node:module';
import type { decide } from '../../src/core/gate/gates.ts';

type Gate = typeof decide;
type Mutant = { name: string; file: string; find: string; replace: string };

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'a touch exactly as old as the window is in it',
    file: 'touch_window.ts',
    find: 'now_ms - touch.at_ms < window_ms',
    replace: 'now_ms - touch.at_ms <= window_ms',
  },
  {
    name: 'the recorded day is ignored',
    file: 'touch_window.ts',
    find: '(touch.local_day === day.date && !countsAsOfNow(touch))',
    replace: 'false',
  },
  {
    name: 'only the recorded day counts',
    file: 'touch_window.ts',
    find: 'const in_day = at_ms',
    replace: 'const in_day = countsAsOfNow(touch) && at_ms',
  },
  {
    name: 'a reserved touch counts from when it was reserved',
    file: 'touch_window.ts',
    find: 'return !touch.settled || !isInstant(touch.at_ms);',
    replace: 'return !isInstant(touch.at_ms);',
  },
  {
    name: 'the window waits for its oldest touch, not for the one that frees a place',
    file: 'touch_window.ts',
    find: 'newest_first[cap_touches - 1]!',
    replace: 'newest_first.at(-1)!',
  },
  {
    name: 'a touch that does not fit today waits for 24 hours',
    file: 'touch_window.ts',
    find: 'at_ms = open(day.end_ms);',
    replace: 'at_ms = open(at_ms + 86_400_000);',
  },
  {
    name: 'a hold ends when the day has a free place, also at night',
    file: 'touch_window.ts',
    find: 'at_ms = open(day.end_ms);',
    replace: 'at_ms = day.end_ms;',
  },
  {
    name: 'a hold ends when the window has a free place, also at night',
    file: 'touch_window.ts',
    find: 'open(Math.max(now_ms, windowReleaseMs(touches, now_ms, cap)))',
    replace: 'Math.max(now_ms, windowReleaseMs(touches, now_ms, cap))',
  },
  {
    name: 'sending hours apply once, and not to the day to which they move a touch',
    file: 'gates/touch_cap.ts',
    find: 'fitsFrom(openingOf(facts, policy))',
    replace: 'openingOf(facts, policy)(fitsFrom(ANY_HOUR))',
  },
  {
    name: 'public holidays are ordinary days',
    file: 'send_hours.ts',
    find: 'dates: [...holidays.dates, ...public_holidays]',
    replace: 'dates: holidays.dates',
  },
  {
    name: 'public holidays replace the policy’s own',
    file: 'send_hours.ts',
    find: 'dates: [...holidays.dates, ...public_holidays]',
    replace: 'dates: public_holidays',
  },
  {
    name: 'public holidays count where the policy has none',
    file: 'send_hours.ts',
    find: '!holidays.public || ',
    replace: '',
  },
  {
    name: 'sending hours use UTC',
    file: 'send_hours.ts',
    find: 'nextOpenMs(from_ms, lead.time_zone,',
    replace: "nextOpenMs(from_ms, 'UTC',",
  },
  {
    name: 'every day has 24 hours',
    file: 'schedule.ts',
    find: 'const end_ms = startOfDay(date.add({ days: 1 }), time_zone);',
    // The search must continue past the end of a longer day.
    replace: 'const end_ms = Math.max(ms + 3_600_000, start_ms + 86_400_000);',
  },
  {
    name: 'days use UTC',
    file: 'schedule.ts',
    find: 'const day = findDay(Math.floor(ms), recent.time_zone);',
    replace: "const day = findDay(Math.floor(ms), 'UTC');",
  },
  {
    name: 'a cap of 0 waits for a time',
    file: 'gates/touch_cap.ts',
    find: "null, 'policy_changes'",
    replace: "null, 'at_until'",
  },
  {
    name: 'a transactional message is held like any other',
    file: 'gates/touch_cap.ts',
    find: "if (facts.sequence_type === 'transactional') {",
    replace: "if (facts.sequence_type === 'transactional' && facts.touches.length === 0) {",
  },
  {
    name: 'marketing wins equal signals',
    file: 'conflict_matrix.ts',
    find: 'marketing > sales',
    replace: 'marketing >= sales',
  },
  {
    name: 'a signal at the beginning of 1970 is ignored',
    file: 'conflict_matrix.ts',
    find: 'sales === null ||',
    replace: '!sales ||',
  },
  {
    name: 'a lead without a tier is T2 regardless of the policy',
    file: 'conflict_matrix.ts',
    find: 'lead.icp_tier ?? policy.unknown_tier',
    replace: "lead.icp_tier ?? 'T2'",
  },
  {
    name: 'a transactional sequence of the other side conflicts',
    file: 'gates/concurrency.ts',
    find: "&& active.sequence_type !== 'transactional'",
    replace: '',
  },
  {
    name: 'a running sales sequence on T3 is refused like a request',
    file: 'gates/concurrency.ts',
    find: "outcome: refused ? 'refuse' : 'queue',",
    replace: "outcome: 'refuse',",
  },
  {
    name: 'losers wait for the end of the winner regardless of the matrix’s hours',
    file: 'gates/concurrency.ts',
    find: 'loser_until_ms: until_ms, ...extra }',
    replace: 'loser_until_ms: null, ...extra }',
  },
  {
    name: 'a request goes before equals of its side that run',
    file: 'same_side.ts',
    find: 'earlier_count ?? active_sequences.length',
    replace: 'earlier_count ?? 0',
  },
  {
    name: 'within a side, the type goes before the priority',
    file: 'same_side.ts',
    find: 'b.priority - a.priority || ',
    replace: '',
  },
  {
    name: 'a lower type goes before a higher one',
    file: 'same_side.ts',
    find: ' || TYPES.indexOf(a.sequence_type) - TYPES.indexOf(b.sequence_type)',
    replace: '',
  },
  {
    name: 'a transactional sequence takes a place of its side',
    file: 'same_side.ts',
    find: " && sequence.sequence_type !== 'transactional'",
    replace: '',
  },
  {
    name: 'one sequence more than the policy allows runs',
    file: 'same_side.ts',
    find: 'places - ahead.length - 1',
    replace: 'places - ahead.length',
  },
  {
    name: 'a refused request still pauses its own side',
    file: 'gates.ts',
    find: '        outranked: NOTHING,',
    replace: '        outranked,',
  },
  {
    name: 'the touch cap runs after the conflict gate',
    file: 'gates.ts',
    find: 'GATE_NAME_VALUES.map((name) => BY_NAME[name])',
    replace: '[compliance, abmBackstop, concurrency, touchCap, transition]',
  },
  {
    name: 'a refused request still pauses the other side',
    file: 'gates.ts',
    find: '        losers: NOTHING,',
    replace: '        losers,',
  },
  {
    name: 'a routing error that is only flagged is lost',
    file: 'gates.ts',
    find: 'if (answer.flags.length > 0) flags',
    replace: "if (says !== 'pass') flags",
  },
  {
    name: 'a sequence must be a legal move from the state that it caused itself',
    file: 'gates/transition.ts',
    find: 'if (cadence_state === sequence_type)',
    replace: "if (cadence_state === sequence_type && moment === 'sent')",
  },
  {
    name: 'a type that may start from any state may start from paused',
    file: 'gates/transition.ts',
    find: "if (cadence_state === 'paused') {",
    replace: "if (cadence_state === 'paused' && policy.legal_moves[sequence_type] !== 'any') {",
  },
  {
    name: 'suppressions are not checked before sending',
    file: 'gates/compliance.ts',
    find: 'if (suppressed_address) return',
    replace: "if (suppressed_address && facts.moment !== 'sent') return",
  },
  {
    name: 'the same agent is always notified of ABM',
    file: 'gates/abm_backstop.ts',
    find: 'notify_agents: [requested_by]',
    replace: "notify_agents: ['AGT-304']",
  },
];

const CORE = new URL('../../src/core/gate/', import.meta.url).href;

/**
 * The gate with one fault; for `null` the unchanged gate, loaded in the same way. Throws unless the text to change occurs
 * exactly once. Works only where Node itself loads the modules, which is not the case in a test.
 */
export async function mutatedGate(mutant: Mutant | null): Promise<Gate> {
  const query = `?mutant=${mutant === null ? 'none' : MUTANTS.indexOf(mutant)}`;
  let changed = 0;
  const hooks = registerHooks({
    resolve(specifier, context, nextResolve) {
      const resolved = nextResolve(specifier, context);
      const is_part = context.parentURL?.endsWith(query) && resolved.url.startsWith(CORE);
      return is_part ? { ...resolved, url: resolved.url + query } : resolved;
    },
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (mutant === null || url !== CORE + mutant.file + query) return loaded;
      const parts = String(loaded.source).split(mutant.find);
      if (parts.length !== 2)
        throw new Error(`${mutant.file}: “${mutant.find}” occurs ${parts.length - 1} times`);
      changed += 1;
      return { ...loaded, source: parts.join(mutant.replace) };
    },
  });
  try {
    const { decide } = (await import(`${CORE}gates.ts${query}`)) as { decide: Gate };
    if (mutant !== null && changed !== 1) throw new Error(`${mutant.file} was changed ${changed} times`);
    return decide;
  } finally {
    hooks.deregister();
  }
}

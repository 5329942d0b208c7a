import './timeline.css';
import { useState } from 'react';
import { api, read } from '../api/client.ts';
import { usePages } from '../api/pages.ts';
import type { EventKind, TimelineEvent } from '../api/schema.d.ts';
import { Failure } from '../ui/failure.tsx';
import { More } from '../ui/more.tsx';
import { FoldedGates } from './gates.tsx';
import { REFRESH_MS } from './lead.ts';
import { KIND_TABS, KIND_WORDS, STOP_WORDS } from './words.ts';

type Entry = TimelineEvent;
type Kind = EventKind;

/** All events of a lead across campaigns, newest first, grouped by the lead's local days. */
export function TimelineView({ lead_id, zone }: { lead_id: string; zone: string }) {
  const [kind, setKind] = useState<Kind | null>(null);
  const pages = usePages(
    ['leads', lead_id, 'timeline', kind],
    (cursor) => fetchTimeline(lead_id, kind, cursor),
    REFRESH_MS,
  );
  return (
    <section className="lead_timeline" aria-labelledby="timeline">
      <div className="section_head">
        <h2 id="timeline">Timeline</h2>
        <fieldset className="kinds">
          <legend className="unseen">Show only</legend>
          <KindButton label="All" is_chosen={kind === null} onChoose={() => setKind(null)} />
          {KIND_TABS.map(([value, label]) => (
            <KindButton
              key={value}
              label={label}
              is_chosen={kind === value}
              onChoose={() => setKind(value)}
            />
          ))}
        </fieldset>
      </div>
      <Failure error={pages.error} />
      {pages.is_loading ? <p className="muted">Loading…</p> : null}
      {!pages.is_loading && pages.items.length === 0 ? <Nothing kind={kind} /> : null}
      {daysOf(pages.items, zone).map(({ day, entries }) => (
        <div key={day} className="timeline_day">
          <h3>{day}</h3>
          <ul>
            {entries.map((entry) => (
              <Line key={entry.id} entry={entry} zone={zone} />
            ))}
          </ul>
        </div>
      ))}
      <More pages={pages} />
    </section>
  );
}

function fetchTimeline(lead_id: string, kind: Kind | null, cursor: string | undefined) {
  const query = {
    limit: 50,
    ...(kind === null ? {} : { kind }),
    ...(cursor === undefined ? {} : { cursor }),
  };
  return read(api.GET('/leads/{id}/timeline', { params: { path: { id: lead_id }, query } }));
}

type KindButtonProps = { label: string; is_chosen: boolean; onChoose(): void };

function KindButton({ label, is_chosen, onChoose }: KindButtonProps) {
  return (
    <button type="button" className="tab" aria-pressed={is_chosen} onClick={onChoose}>
      {label}
    </button>
  );
}

function Line({ entry, zone }: { entry: Entry; zone: string }) {
  const { timestamp, kind, text, gates } = entry;
  return (
    <li className="timeline_line" data-kind={isStopped(entry) || kind !== 'not_sent' ? kind : 'waits'}>
      <time className="moment muted" dateTime={timestamp}>
        {clockOf(timestamp, zone)}
      </time>
      <span className="kind">{labelOf(entry)}</span>
      <div>
        <p>{text}</p>
        {kind === 'not_sent' ? <FoldedGates gates={gates} /> : null}
      </div>
    </li>
  );
}

/** Neither held, queued, nor sent to an executive. */
function isStopped({ suppressed_reason, coordinator_action }: Entry): boolean {
  if (suppressed_reason === 'entry_restricted') return false;
  return coordinator_action !== 'hold' && coordinator_action !== 'queue';
}

/** A decision of the gates in one word: a held or requested enrollment is no message that was not sent. */
function labelOf({ kind, suppressed_reason, coordinator_action }: Entry): string {
  if (kind !== 'not_sent') return KIND_WORDS[kind];
  if (suppressed_reason === 'entry_restricted') return 'Requested';
  return STOP_WORDS[coordinator_action] ?? KIND_WORDS.not_sent;
}

function Nothing({ kind }: { kind: Kind | null }) {
  return (
    <p className="muted">
      {kind === null ? 'No activity yet. Enroll this lead to begin.' : 'No matching activity.'}
    </p>
  );
}

/** Groups consecutive entries by the lead's local day. */
function daysOf(entries: readonly Entry[], zone: string): { day: string; entries: Entry[] }[] {
  const days: { day: string; entries: Entry[] }[] = [];
  for (const entry of entries) {
    const day = dayOf(entry.timestamp, zone);
    const last = days.at(-1);
    if (last?.day === day) last.entries.push(entry);
    else days.push({ day, entries: [entry] });
  }
  return days;
}

function dayOf(iso: string, timeZone: string): string {
  const format = new Intl.DateTimeFormat('en-US', {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone,
  });
  return format.format(new Date(iso));
}

function clockOf(iso: string, timeZone: string): string {
  const format = new Intl.DateTimeFormat('en-US', { hour: 'numeric', minute: '2-digit', timeZone });
  return format.format(new Date(iso));
}

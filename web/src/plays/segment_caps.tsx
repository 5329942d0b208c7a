import './plays.css';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { cache } from '../api/cache.ts';
import { api, read } from '../api/client.ts';
import { faultsOf } from '../api/faults.ts';
import { useMe } from '../sessions/me.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { Failure } from '../ui/failure.tsx';
import { Field } from '../ui/field.tsx';
import { Meter } from '../ui/meter.tsx';
import type { PlayConfig } from './play.ts';

const CAPS = [3, 4, 5, 6, 7, 8] as const;
type Segment = PlayConfig['segments'][number];

/** Unsaved caps by segment; null is the default cap. */
type Chosen = {
  max_active_plays?: number;
  auto_sunset?: boolean;
  segments: Readonly<Record<string, number | null>>;
};

const NOTHING: Chosen = { segments: {} };

/** The cap of active plays in each segment, and automatic retirement. RevOps changes both. */
export function SegmentCaps({ config }: { config: PlayConfig }) {
  const [chosen, setChosen] = useState<Chosen>(NOTHING);
  const me = useMe();
  const may_change = me?.roles.includes('revops') ?? false;
  const saving = useMutation({
    mutationFn: () => saveCaps(chosen),
    onSuccess: () => {
      announce('Saved.');
      setChosen(NOTHING);
    },
    onSettled: () => cache.invalidateQueries({ queryKey: ['plays'] }),
  });
  const standard = chosen.max_active_plays ?? config.max_active_plays;
  const is_changed = chosen !== NOTHING;
  return (
    <div className="caps">
      <p className="muted">
        A segment never has more active plays than its cap, because people only support plays they helped to
        shape. At the cap, a play waits until another one is retired.{' '}
        {may_change ? '' : 'Only RevOps can change caps.'}
      </p>
      <form
        className="caps"
        onSubmit={(event) => {
          event.preventDefault();
          saving.mutate();
        }}
      >
        <Field label="Active plays in a segment" hint="Default for segments without their own cap.">
          <select
            value={standard}
            disabled={!may_change}
            onChange={(event) => setChosen({ ...chosen, max_active_plays: Number(event.target.value) })}
          >
            {CAPS.map((cap) => (
              <option key={cap}>{cap}</option>
            ))}
          </select>
        </Field>
        <label className="check">
          <input
            type="checkbox"
            disabled={!may_change}
            checked={chosen.auto_sunset ?? config.auto_sunset}
            onChange={(event) => setChosen({ ...chosen, auto_sunset: event.target.checked })}
          />
          Retire plays automatically after their last day
        </label>
        <ul className="caps_list">
          {config.segments.map((segment) => (
            <SegmentCap
              key={segment.segment}
              segment={segment}
              standard={standard}
              cap={capOf(segment, chosen)}
              may_change={may_change}
              onChoose={(cap) =>
                setChosen({ ...chosen, segments: { ...chosen.segments, [segment.segment]: cap } })
              }
            />
          ))}
        </ul>
        {config.segments.length === 0 ? (
          <p className="muted">No segments yet. Add the first one below; plays target segments.</p>
        ) : null}
        <Failure error={saving.error} />
        {may_change ? (
          <div className="actions">
            <ActionButton type="submit" className="primary" disabled={!is_changed} is_busy={saving.isPending}>
              Save caps
            </ActionButton>
            {is_changed ? (
              <button type="button" onClick={() => setChosen(NOTHING)}>
                Undo
              </button>
            ) : null}
          </div>
        ) : null}
      </form>
      {may_change ? <NewSegment /> : null}
    </div>
  );
}

type SegmentCapProps = {
  segment: Segment;
  standard: number;
  /** Null: the default cap. */
  cap: number | null;
  may_change: boolean;
  onChoose(cap: number | null): void;
};

function SegmentCap({ segment, standard, cap, may_change, onChoose }: SegmentCapProps) {
  const { name, description, active_plays } = segment;
  return (
    <li>
      <div>
        <Meter label={name} value={active_plays} max={cap ?? standard} />
        {description === null ? null : <p className="field_hint">{description}</p>}
      </div>
      <select
        aria-label={`Cap for ${name}`}
        value={cap ?? ''}
        disabled={!may_change}
        onChange={(event) => onChoose(event.target.value === '' ? null : Number(event.target.value))}
      >
        <option value="">Default ({standard})</option>
        {CAPS.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
    </li>
  );
}

/** Adds a segment, so that plays can target it. */
function NewSegment() {
  const [segment, setSegment] = useState('');
  const [name, setName] = useState('');
  const naming = useMutation({
    mutationFn: () =>
      read(
        api.PUT('/plays/config/{segment}', {
          params: { path: { segment: segment.trim() } },
          body: name.trim() === '' ? {} : { name: name.trim() },
        }),
      ),
    onSuccess: () => {
      announce('Segment added.');
      setSegment('');
      setName('');
      cache.invalidateQueries({ queryKey: ['plays'] });
    },
  });
  const faults = faultsOf(naming.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (segment.trim() !== '' && !naming.isPending) naming.mutate();
  };
  return (
    <form className="caps_new" onSubmit={submit}>
      <h2>Add segment</h2>
      <Field label="Label" hint="The value stored on leads and accounts." fault={faults.get('segment')}>
        <input maxLength={64} required value={segment} onChange={(event) => setSegment(event.target.value)} />
      </Field>
      <Field label="Name" hint="The name people see." fault={faults.get('name')}>
        <input maxLength={200} value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
      <Failure error={faults.size === 0 ? naming.error : null} />
      <div className="actions">
        <ActionButton type="submit" disabled={segment.trim() === ''} is_busy={naming.isPending}>
          Add segment
        </ActionButton>
      </div>
    </form>
  );
}

function capOf({ segment, is_override, max_active_plays }: Segment, chosen: Chosen): number | null {
  const own = is_override ? max_active_plays : null;
  return segment in chosen.segments ? (chosen.segments[segment] ?? null) : own;
}

async function saveCaps({ segments, ...own }: Chosen): Promise<void> {
  if (Object.keys(own).length > 0) await read(api.PUT('/plays/config', { body: own }));
  for (const [segment, max_active_plays] of Object.entries(segments)) {
    const params = { path: { segment } };
    await read(api.PUT('/plays/config/{segment}', { params, body: { max_active_plays } }));
  }
}

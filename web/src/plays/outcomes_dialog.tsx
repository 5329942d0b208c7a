import { type FormEvent, useState } from 'react';
import { faultsOf } from '../api/faults.ts';
import { useNow } from '../sessions/me.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { Field } from '../ui/field.tsx';
import { quarterWords } from './criteria_table.tsx';
import { numberOf, percentOf } from './numbers.ts';
import type { Play } from './play.ts';
import type { Moves } from './use_moves.ts';

const QUARTERS_SHOWN = 8;

/** Records the results of a play; the brain reads them for its next proposals. */
export function OutcomesDialog({ play, moves, onClose }: { play: Play; moves: Moves; onClose(): void }) {
  const known = play.retrospective_outcomes;
  const now_ms = useNow() ?? Date.now();
  const quarters = quartersUntil(now_ms, known?.quarter);
  const [quarter, setQuarter] = useState(known?.quarter ?? quarters[0] ?? '');
  const [meetings, setMeetings] = useState(percentOf(known?.meeting_rate));
  const [opportunities, setOpportunities] = useState(percentOf(known?.opp_create_rate));
  const [acv, setAcv] = useState(known?.acv === undefined ? '' : String(known.acv));
  const [notes, setNotes] = useState(known?.notes ?? '');
  const faults = faultsOf(moves.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    moves.move({
      kind: 'outcomes',
      outcomes: {
        quarter,
        ...given('meeting_rate', numberOf(meetings, 100)),
        ...given('opp_create_rate', numberOf(opportunities, 100)),
        ...given('acv', numberOf(acv)),
        ...(notes.trim() === '' ? {} : { notes: notes.trim() }),
      },
    });
  };
  return (
    <Dialog title="Results" onClose={onClose}>
      <form onSubmit={submit}>
        <Field label="Quarter measured">
          <select value={quarter} onChange={(event) => setQuarter(event.target.value)}>
            {quarters.map((one) => (
              <option key={one} value={one}>
                {quarterWords(one)}
              </option>
            ))}
          </select>
        </Field>
        <Field
          label="Meetings, % of enrolled leads"
          hint={target(play.success_criteria.meeting_rate)}
          fault={faults.get('retrospective_outcomes.meeting_rate')}
        >
          <input inputMode="decimal" value={meetings} onChange={(event) => setMeetings(event.target.value)} />
        </Field>
        <Field
          label="Opportunities, % of enrolled leads"
          hint={target(play.success_criteria.opp_create_rate)}
          fault={faults.get('retrospective_outcomes.opp_create_rate')}
        >
          <input
            inputMode="decimal"
            value={opportunities}
            onChange={(event) => setOpportunities(event.target.value)}
          />
        </Field>
        <Field label="Average annual contract value" fault={faults.get('retrospective_outcomes.acv')}>
          <input inputMode="decimal" value={acv} onChange={(event) => setAcv(event.target.value)} />
        </Field>
        <Field label="Lessons learned" fault={faults.get('retrospective_outcomes.notes')}>
          <textarea
            rows={3}
            maxLength={5_000}
            value={notes}
            onChange={(event) => setNotes(event.target.value)}
          />
        </Field>
        <Failure error={faults.size === 0 ? moves.error : null} />
        <div className="actions">
          <ActionButton type="submit" className="primary" is_busy={moves.is_busy}>
            Save results
          </ActionButton>
        </div>
      </form>
    </Dialog>
  );
}

function target(rate: number | undefined): string | undefined {
  return rate === undefined ? undefined : `Target: ${percentOf(rate)}%.`;
}

function given<Key extends string>(key: Key, value: number | undefined) {
  return value === undefined ? {} : ({ [key]: value } as Record<Key, number>);
}

/** Returns the current quarter and earlier ones, newest first. */
function quartersUntil(now_ms: number, known: string | undefined): string[] {
  const now = new Date(now_ms);
  const latest = now.getUTCFullYear() * 4 + Math.floor(now.getUTCMonth() / 3);
  const quarters = Array.from({ length: QUARTERS_SHOWN }, (_, back) => {
    const quarter = latest - back;
    return `${Math.floor(quarter / 4)}-Q${(quarter % 4) + 1}`;
  });
  return known === undefined || quarters.includes(known) ? quarters : [...quarters, known];
}

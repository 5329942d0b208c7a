import { ADDRESSES, CHANNELS } from '../channels.gen.ts';
import './steps.css';
import { Fragment, useRef, useState } from 'react';
import { Field } from '../ui/field.tsx';
import { type StepFields, stepAfter } from './step.ts';
import { TEMPLATE_VARIABLES } from './template_variables.gen.ts';
import { CHANNEL_LABELS, CONTENT_WORDS, UNREACHABLE_WORDS } from './words.ts';

type StepRowsProps = {
  steps: readonly StepFields[];
  /** Errors by field path, for example `0.delay_days`. */
  faults: ReadonlyMap<string, string>;
  onChange(steps: StepFields[]): void;
};

/** The steps of a cadence as rows that buttons add, move, and remove. */
export function StepRows({ steps, faults, onChange }: StepRowsProps) {
  const list = useRef<HTMLOListElement>(null);
  const add = useRef<HTMLButtonElement>(null);
  const focusRow = (at: number) =>
    requestAnimationFrame(() => {
      const row = list.current?.children[at];
      (row?.querySelector<HTMLElement>('input') ?? add.current)?.focus();
    });
  const write = (at: number, change: Partial<StepFields>) =>
    onChange(steps.map((step, place) => (place === at ? { ...step, ...change } : step)));
  const move = (at: number, to: number) => {
    const moved = [...steps];
    const [step] = moved.splice(at, 1);
    if (step !== undefined) moved.splice(to, 0, step);
    onChange(moved);
  };
  const remove = (at: number) => {
    onChange(steps.filter((_, place) => place !== at));
    focusRow(Math.min(at, steps.length - 2));
  };
  return (
    <div className="steps">
      <ol ref={list}>
        {steps.map((step, at) => (
          <li key={step.key}>
            <StepRow
              step={step}
              at={at}
              faultAt={(field) => faults.get(`${at}.${field}`)}
              onWrite={(change) => write(at, change)}
              onUp={at === 0 ? undefined : () => move(at, at - 1)}
              onDown={at === steps.length - 1 ? undefined : () => move(at, at + 1)}
              onRemove={() => remove(at)}
            />
          </li>
        ))}
      </ol>
      {faults.get('') === undefined ? null : <p className="field_fault">{faults.get('')}</p>}
      <div>
        <button
          type="button"
          ref={add}
          onClick={() => {
            onChange([...steps, stepAfter(steps)]);
            focusRow(steps.length);
          }}
        >
          Add step
        </button>
      </div>
    </div>
  );
}

type StepRowProps = {
  step: StepFields;
  at: number;
  faultAt(field: string): string | undefined;
  onWrite(change: Partial<StepFields>): void;
  onUp: (() => void) | undefined;
  onDown: (() => void) | undefined;
  onRemove(): void;
};

function StepRow({ step, at, faultAt, onWrite, onUp, onDown, onRemove }: StepRowProps) {
  const name = `step ${at + 1}`;
  const { label, address, sent_by } = CHANNELS[step.channel];
  return (
    <fieldset className="step">
      <legend>Step {at + 1}</legend>
      <div className="step_line">
        <Field label="Day" fault={faultAt('delay_days')}>
          <input
            inputMode="numeric"
            maxLength={4}
            value={step.delay_days}
            onChange={(event) => onWrite({ delay_days: event.target.value })}
          />
        </Field>
        <Chosen
          label="Channel"
          value={step.channel}
          words={CHANNEL_LABELS}
          onChoose={(channel) => onWrite({ channel })}
        />
        <Chosen
          label="Purpose"
          value={step.content_type}
          words={CONTENT_WORDS}
          onChoose={(content_type) => onWrite({ content_type })}
        />
        <span className="step_moves">
          <button type="button" aria-label={`Move ${name} up`} disabled={onUp === undefined} onClick={onUp}>
            ↑
          </button>
          <button
            type="button"
            aria-label={`Move ${name} down`}
            disabled={onDown === undefined}
            onClick={onDown}
          >
            ↓
          </button>
          <button type="button" aria-label={`Remove ${name}`} onClick={onRemove}>
            Remove
          </button>
        </span>
      </div>
      <Field label="What to write" fault={faultAt('template_instructions')}>
        <textarea
          rows={2}
          maxLength={5_000}
          value={step.template_instructions}
          onChange={(event) => onWrite({ template_instructions: event.target.value })}
        />
      </Field>
      <label className="check">
        <input
          type="checkbox"
          checked={step.requires_personal_send || sent_by === 'person'}
          disabled={sent_by === 'person'}
          onChange={(event) => onWrite({ requires_personal_send: event.target.checked })}
        />
        Manual send{sent_by === 'person' ? ` (${label}: always)` : ''}
      </label>
      <Chosen
        label={`If the lead has no ${ADDRESSES[address]}`}
        value={step.when_unreachable}
        words={UNREACHABLE_WORDS}
        onChoose={(when_unreachable) => onWrite({ when_unreachable })}
      />
      <StepTemplate step={step} faultAt={faultAt} onWrite={onWrite} />
    </fieldset>
  );
}

function StepTemplate({ step, faultAt, onWrite }: Pick<StepRowProps, 'step' | 'faultAt' | 'onWrite'>) {
  const is_faulty = ['template', 'template.subject', 'template.body'].some((field) => faultAt(field));
  // A section that an error has opened stays open while the user fixes it.
  const [is_open, setOpen] = useState(false);
  return (
    <details open={is_open || is_faulty} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{step.body === '' ? 'Add template' : 'Template'}</summary>
      <div className="step_template">
        <p className="muted">
          Used when no agent writes the text. Available variables:{' '}
          {TEMPLATE_VARIABLES.map((name, at) => (
            <Fragment key={name}>
              {at === 0 ? '' : ', '}
              <code>{`{{ ${name} }}`}</code>
            </Fragment>
          ))}
          .
        </p>
        {faultAt('template') === undefined ? null : <p className="field_fault">{faultAt('template')}</p>}
        {!CHANNELS[step.channel].has_subject ? null : (
          <Field label="Subject" fault={faultAt('template.subject')}>
            <input
              maxLength={2_000}
              value={step.subject}
              onChange={(event) => onWrite({ subject: event.target.value })}
            />
          </Field>
        )}
        <Field label="Text" fault={faultAt('template.body')}>
          <textarea
            rows={8}
            maxLength={20_000}
            value={step.body}
            onChange={(event) => onWrite({ body: event.target.value })}
          />
        </Field>
      </div>
    </details>
  );
}

type ChosenProps<Value extends string> = {
  label: string;
  value: Value;
  words: Readonly<Record<Value, string>>;
  onChoose(value: Value): void;
};

function Chosen<Value extends string>({ label, value, words, onChoose }: ChosenProps<Value>) {
  return (
    <Field label={label}>
      <select value={value} onChange={(event) => onChoose(event.target.value as Value)}>
        {Object.entries<string>(words).map(([one, text]) => (
          <option key={one} value={one}>
            {text}
          </option>
        ))}
      </select>
    </Field>
  );
}

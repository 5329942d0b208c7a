import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { cache } from '../api/cache.ts';
import { api, read } from '../api/client.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { Failure } from '../ui/failure.tsx';
import { Field } from '../ui/field.tsx';
import { type Keys, useKeys } from '../ui/keys.ts';
import { type Inbound, type Intent, personOf } from './inbound.ts';
import { INTENTS, intentLabel } from './words.ts';

type ReplyHandlingProps = { message: Inbound; onLeave(): void };

/**
 * Classifies a reply. A letter selects an intent and focuses the button, whose label states the effect; so two keys
 * handle a reply, and one key never does.
 */
export function ReplyHandling({ message, onLeave }: ReplyHandlingProps) {
  const [intent, setIntent] = useState<Intent | null>(message.intent);
  const [note, setNote] = useState(message.note ?? '');
  const [return_date, setReturnDate] = useState(message.return_date ?? '');
  const button = useRef<HTMLButtonElement>(null);
  const form = useRef<HTMLFormElement>(null);
  const handling = useHandling(message, onLeave);
  const chosen = INTENTS.find((known) => known.intent === intent);
  const choose = (wanted: Intent) => {
    // Renders immediately, so that a quick Enter after the letter finds the button with its new label.
    flushSync(() => setIntent(wanted));
    button.current?.focus();
  };
  const keys: Keys = Object.fromEntries(
    INTENTS.map(({ letter, intent: wanted }) => [letter.toLowerCase(), () => choose(wanted)]),
  );
  useKeys(keys, form);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (chosen === undefined || handling.isPending) return;
    const date = chosen.date === undefined || return_date === '' ? {} : { return_date };
    handling.mutate({ intent: chosen.intent, ...(note.trim() === '' ? {} : { note: note.trim() }), ...date });
  };
  return (
    <form className="handling" ref={form} onSubmit={submit} aria-label="Intent">
      <fieldset className="intents">
        <legend>{message.handled_at === null ? 'Classify this reply' : 'Change the intent'}</legend>
        {INTENTS.map(({ intent: known, label, letter }) => (
          <label key={known} className="intent">
            <input
              type="radio"
              name="intent"
              checked={intent === known}
              aria-keyshortcuts={letter}
              onChange={() => setIntent(known)}
            />
            {label}{' '}
            <span className="key" aria-hidden="true">
              {letter}
            </span>
          </label>
        ))}
      </fieldset>
      <p className="muted" role="status">
        {chosen?.follows ?? 'Select an intent to preview its effect.'}
      </p>
      <div className="handling_more">
        {chosen?.date === undefined ? null : (
          <Field label={chosen.date} hint="Optional.">
            <input type="date" value={return_date} onChange={(event) => setReturnDate(event.target.value)} />
          </Field>
        )}
        <Field label="Note for colleagues">
          <textarea
            rows={1}
            maxLength={2000}
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
        </Field>
      </div>
      <Failure error={handling.error} />
      <div className="actions">
        <ActionButton
          type="submit"
          ref={button}
          className="primary"
          disabled={chosen === undefined}
          is_busy={handling.isPending}
        >
          {chosen?.action ?? 'Select an intent'}
        </ActionButton>
      </div>
    </form>
  );
}

type Said = { intent: Intent; note?: string; return_date?: string };

function useHandling(message: Inbound, onLeave: () => void) {
  return useMutation({
    mutationFn: (said: Said) =>
      read(api.POST('/inbound/{id}/handle', { params: { path: { id: message.id } }, body: said })),
    onSuccess: (_after, { intent }) => {
      const done = INTENTS.find((known) => known.intent === intent)?.done ?? 'handled';
      announce(`${personOf(message)} (${intentLabel(intent).toLowerCase()}): ${done}.`);
      for (const key of ['replies', 'today', 'hand_offs', 'leads', 'flags']) {
        cache.invalidateQueries({ queryKey: [key] });
      }
      onLeave();
    },
  });
}

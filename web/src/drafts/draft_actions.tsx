import { useRef } from 'react';
import type { ArrivingMessage } from '../api/schema.d.ts';
import { CHANNELS, RESULT_WORDS, type TouchResult } from '../channels.gen.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { type Keys, useKeys } from '../ui/keys.ts';
import { OutLink } from '../ui/link.tsx';
import { useSeenFor } from '../ui/seen_for.ts';
import type { Hindrance } from './approvers.ts';
import { useBackground } from './background.ts';
import type { Text } from './decisions.ts';
import type { Entry } from './entries.ts';

/** A key or button pressed twice must not approve the text that just appeared. */
const LEAST_SEEN_MS = 400;
/** Longer for a text that the page showed on its own while the user was deciding on another. */
const LEAST_SEEN_UNASKED_MS = 1_500;

type DraftActionsProps = {
  entry: Entry;
  hindrance: Hindrance;
  to_id: string;
  shown: Text;
  /** True if the page showed the text unasked. */
  is_unasked: boolean;
  is_busy: boolean;
  onApprove(): void;
  onEdit(): void;
  onReject(): void;
  onSent(result: TouchResult | null): void;
};

/** Actions for a draft in its status, each with its key. */
export function DraftActions(props: DraftActionsProps) {
  const { entry, hindrance, to_id, shown, is_unasked, is_busy, onApprove, onEdit, onReject, onSent } = props;
  const { results, done_label } = CHANNELS[entry.channel];
  const can_change = ['drafted', 'approved', 'held', 'failed'].includes(entry.status);
  const can_approve = entry.status === 'drafted' && !entry.is_personal;
  const can_send = entry.is_personal && ['drafted', 'approved', 'held'].includes(entry.status);
  const copy = () => copyText(shown.body);
  const bar = useRef<HTMLDivElement>(null);
  const background = useBackground(entry);
  const arrives = background.data?.arrives;
  const is_whole = entry.is_personal || arrives !== undefined;
  // Sender and footer are part of the approved message.
  const letter = JSON.stringify([shown.content_hash, is_whole, senderOf(arrives)]);
  const is_seen = useSeenFor(is_unasked ? LEAST_SEEN_UNASKED_MS : LEAST_SEEN_MS, letter) && is_whole;
  const keys: Keys = {
    a: can_approve && is_seen && hindrance.deciding === null ? onApprove : undefined,
    e: can_change ? onEdit : undefined,
    r: can_change && hindrance.deciding === null ? onReject : undefined,
    c: can_send ? copy : undefined,
    s:
      can_send && is_seen && hindrance.sending === null && results.length === 0
        ? () => onSent(null)
        : undefined,
  };
  useKeys(keys, bar);
  if (!can_change && !can_send) return null;
  const why_not = (can_send ? hindrance.sending : null) ?? hindrance.deciding;
  const is_sender_unread = !is_whole && background.isError && !background.isFetching;
  return (
    <div className="actions actions_main" ref={bar}>
      {can_approve && is_sender_unread ? (
        <p className="actions_note" role="alert">
          The sender could not be loaded, so the draft cannot be approved yet.{' '}
          <button type="button" onClick={() => background.refetch()}>
            Try again
          </button>
        </p>
      ) : null}
      {why_not === null ? null : <p className="actions_note">{why_not}</p>}
      {can_approve ? (
        <Action
          label={`Approve for ${entry.person}`}
          letter="A"
          onClick={onApprove}
          is_busy={is_busy || !is_seen}
          is_disabled={hindrance.deciding !== null}
          is_primary
        />
      ) : null}
      {can_send ? (
        <>
          <Action label="Copy text" letter="C" onClick={copy} is_busy={false} is_primary />
          <Where entry={entry} to_id={to_id} shown={shown} />
          {results.length === 0 ? (
            <Action
              label={done_label}
              letter="S"
              onClick={() => onSent(null)}
              is_busy={is_busy || !is_seen}
              is_disabled={hindrance.sending !== null}
            />
          ) : (
            <Results
              label={done_label}
              results={results}
              onSent={onSent}
              is_busy={is_busy || !is_seen}
              is_disabled={hindrance.sending !== null}
            />
          )}
        </>
      ) : null}
      {can_change ? (
        <>
          <Action label="Edit" letter="E" onClick={onEdit} is_busy={is_busy} />
          <Action
            label="Reject…"
            letter="R"
            onClick={onReject}
            is_busy={is_busy}
            is_disabled={hindrance.deciding !== null}
          />
        </>
      ) : null}
    </div>
  );
}

type ResultsProps = {
  label: string;
  results: readonly TouchResult[];
  is_busy: boolean;
  is_disabled: boolean;
  onSent(result: TouchResult): void;
};

/** Results of a call; choosing one records it. */
function Results({ label, results, is_busy, is_disabled, onSent }: ResultsProps) {
  return (
    <fieldset className="actions results" aria-label={label}>
      <span className="muted result_label" aria-hidden="true">
        {label}:
      </span>
      {results.map((result) => (
        <ActionButton
          key={result}
          type="button"
          is_busy={is_busy}
          disabled={is_disabled}
          onClick={() => onSent(result)}
        >
          {RESULT_WORDS[result]}
        </ActionButton>
      ))}
    </fieldset>
  );
}

type ActionProps = {
  label: string;
  letter: string;
  is_busy: boolean;
  is_disabled?: boolean;
  is_primary?: boolean;
  onClick(): void;
};

function Action({ label, letter, is_busy, is_disabled = false, is_primary = false, onClick }: ActionProps) {
  return (
    <ActionButton
      type="button"
      className={is_primary ? 'primary' : undefined}
      is_busy={is_busy}
      disabled={is_disabled}
      aria-keyshortcuts={letter}
      onClick={onClick}
    >
      {label}{' '}
      <span className="key" aria-hidden="true">
        {letter}
      </span>
    </ActionButton>
  );
}

function senderOf(arrives: ArrivingMessage | undefined): readonly unknown[] {
  const { from_name, from_address, footer } = arrives ?? {};
  return [from_name, from_address, footer?.sender_name, footer?.postal_address];
}

/** Link to the place to send from: the profile, or the user's own mail program. */
function Where({ entry, to_id, shown }: { entry: Entry; to_id: string; shown: Text }) {
  const { link, open_label } = CHANNELS[entry.channel];
  if (link.opens === '') return <OutLink href={to_id}>{open_label}</OutLink>;
  // Neither character ends the address in a link.
  const address = encodeURIComponent(to_id).replaceAll('%40', '@').replaceAll('%2B', '+');
  const query = Object.entries(link.query).map(
    ([name, part]) => `${name}=${encodeURIComponent(shown[part] ?? '')}`,
  );
  const href = `${link.opens}${address}${query.length === 0 ? '' : `?${query.join('&')}`}`;
  return <a href={href}>{open_label}</a>;
}

async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    announce('Copied.');
  } catch {
    announce('The browser blocked copying. Select the text and copy it.');
  }
}

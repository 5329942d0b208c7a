import type { ReactNode } from 'react';
import { CHANNELS } from '../channels.gen.ts';
import { OutLink } from '../ui/link.tsx';
import { Time } from '../ui/time.tsx';
import { type Background, useBackground } from './background.ts';
import type { Text } from './decisions.ts';
import { type Draft, type DraftDetail, type Entry, personOf } from './entries.ts';

type DraftHeadProps = { entry: Entry; draft: Draft | DraftDetail; now_ms: number | undefined };

/** Recipient, step, and campaign. */
export function DraftHead({ entry, draft, now_ms }: DraftHeadProps) {
  const background = useBackground(entry).data;
  return (
    <dl className="facts">
      <dt>To</dt>
      <dd>
        {personOf(draft)}
        {draft.title ? `, ${draft.title}` : ''} <Badges entry={entry} />
        <br />
        {CHANNELS[draft.channel].address === 'linkedin_url' ? (
          <OutLink href={draft.to_id}>{draft.to_id}</OutLink>
        ) : (
          <span className="address">{draft.to_id}</span>
        )}
      </dd>
      {draft.owner_name === null ? null : (
        <>
          <dt>Owner</dt>
          <dd>{draft.owner_name}</dd>
        </>
      )}
      <dt>Step</dt>
      <dd>
        {draft.step_number}
        {background === undefined ? '' : ` of ${background.steps_count}`} of {draft.campaign_name}
      </dd>
      <dt>Why now</dt>
      <dd>
        Due <Time iso={draft.scheduled_at} now_ms={now_ms} />
        {background === undefined ? '' : `. ${gateWords(background)}`}
      </dd>
    </dl>
  );
}

/** Decision of the gates in one sentence; the list below the text shows each gate. */
function gateWords({ decision }: Background): string {
  if (decision === null) return 'Every gate checks the message before sending.';
  const stopped = decision.gates.find(({ says }) => says !== 'pass');
  if (stopped !== undefined) return stopped.text;
  return `All ${decision.gates.length} gates passed.`;
}

type LetterProps = { entry: Entry; shown: Text; children?: ReactNode };

/** The message as it will arrive: sender, text, and footer. */
export function Letter({ entry, shown }: LetterProps) {
  const background = useBackground(entry).data;
  return (
    <section className="letter" aria-label="Text of the message">
      {entry.is_personal ? null : (
        <p className="letter_from muted">
          {background === undefined
            ? 'From …'
            : background.arrives.from_address === null
              ? 'No active mailbox'
              : `From ${background.arrives.from_name} <${background.arrives.from_address}>`}
        </p>
      )}
      {shown.subject === null ? null : <h3>{shown.subject}</h3>}
      <div className="letter_body">{shown.body}</div>
      {entry.is_personal ? null : <Footer footer={background?.arrives.footer ?? null} />}
    </section>
  );
}

type FooterProps = {
  footer: { sender_name: string; postal_address: string; unsubscribe_url: string } | null;
};

/** Keeps its height while loading, so that nothing moves. */
function Footer({ footer }: FooterProps) {
  return (
    <p className="letter_foot muted">
      {footer?.sender_name ?? '…'}
      <br />
      {footer?.postal_address ?? '…'}
      <br />
      Unsubscribe: {footer?.unsubscribe_url ?? '…'}
    </p>
  );
}

function Badges({ entry }: { entry: Entry }) {
  return (
    <>
      {entry.is_personal ? <span className="badge">{CHANNELS[entry.channel].label}</span> : null}{' '}
      {entry.is_personal ? <span className="badge badge_strong">Manual send</span> : null}
    </>
  );
}

import type { PolicyPreview as Preview } from '../api/schema.d.ts';
import { useNow } from '../sessions/me.ts';
import { Link } from '../ui/link.tsx';
import { Time } from '../ui/time.tsx';
import { pathWords } from './policy_words.ts';

type Change = Preview['changes'][number];

/** How recent decisions would have changed, and which ones cannot be replayed. */
export function PolicyPreview({ preview }: { preview: Preview }) {
  const { decisions_count, untold_count, changes, not_replayed, since } = preview;
  const now_ms = useNow();
  const changed = changes.reduce((sum, { count }) => sum + count, 0);
  return (
    <div className="policy_preview" role="status">
      <h3>
        {decisions_count === 0
          ? 'No decisions in the last 7 days'
          : changed === 0
            ? `None of ${figure(decisions_count)} decisions would have changed`
            : `${figure(changed)} of ${figure(decisions_count)} decisions would have changed`}
      </h3>
      <p className="muted">Waiting times are not compared.</p>
      {changes.length === 0 ? null : (
        <ul>
          {changes.map((change) => (
            <ChangeLine key={keyOf(change)} change={change} />
          ))}
        </ul>
      )}
      <p className="field_hint">
        Decisions since <Time iso={since} now_ms={now_ms} />, each checked again on its own. Had more been
        sent, later ones would have had fewer touches left.
        {untold_count === 0
          ? ''
          : ` ${figure(untold_count)} cannot be replayed, because too little was recorded then.`}
        {not_replayed.length === 0
          ? ''
          : ` Not included, because no gate uses it: ${not_replayed.map(groupWords).join(', ')}.`}
      </p>
    </div>
  );
}

function ChangeLine({ change }: { change: Change }) {
  const { from, to, is_certain, count, examples } = change;
  return (
    <li>
      <strong>{figure(count)}</strong> {FROM_WORDS[from]} → {TO_WORDS[to]}
      {is_certain ? '' : ', as far as known: later gates were not checked'}
      <span className="examples">
        {examples.map(({ lead_id, name, company }) => (
          <Link key={lead_id} to={`/leads/${lead_id}`}>
            {company === null ? name : `${name}, ${company}`}
          </Link>
        ))}
      </span>
    </li>
  );
}

const FROM_WORDS: Record<Change['from'], string> = {
  allow: 'passed',
  hold: 'held',
  queue: 'queued',
  block: 'blocked',
  refuse: 'refused',
};
const TO_WORDS: Record<Change['to'], string> = {
  allow: 'would have passed',
  hold: 'would have been held',
  queue: 'would have been queued',
  block: 'would have been blocked',
  refuse: 'would have been refused',
};

function keyOf({ from, from_reason, to, to_reason, is_certain }: Change): string {
  return [from, from_reason, to, to_reason, is_certain].join(' ');
}

function groupWords(key: string): string {
  return pathWords(key).toLowerCase();
}

function figure(count: number): string {
  return count.toLocaleString('en');
}

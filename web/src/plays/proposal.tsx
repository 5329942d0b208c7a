import type { Play } from './play.ts';
import { valueWords } from './words.ts';

/** The brain's rationale, in its original words. */
export function Proposal({ play: { proposal } }: { play: Play }) {
  const evidence = Object.entries((proposal.evidence ?? {}) as Record<string, unknown>);
  return (
    <section>
      <h2>Rationale</h2>
      <p className="play_text">
        <strong>{proposal.summary}</strong>
      </p>
      <p className="play_text">{proposal.analysis}</p>
      {evidence.length === 0 ? null : (
        <dl className="facts">
          {evidence.map(([name, value]) => (
            <div className="fact" key={name}>
              <dt>{name.replaceAll('_', ' ')}</dt>
              <dd>{valueWords([name], value) ?? '–'}</dd>
            </div>
          ))}
        </dl>
      )}
      {proposal.model === null ? null : <p className="muted">Written with {proposal.model}.</p>}
    </section>
  );
}

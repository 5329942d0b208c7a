import './versions.css';
import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { useAgentName } from '../agents/names.ts';
import { type Me, useMe } from '../sessions/me.ts';
import { Failure } from '../ui/failure.tsx';
import { Time } from '../ui/time.tsx';
import { fetchDraft, type Text } from './decisions.ts';
import { DiffView } from './diff_view.tsx';
import type { DraftDetail } from './entries.ts';
import { diffWords } from './text_diff.ts';
import { sourceWords } from './words.ts';

type Version = DraftDetail['versions'][number];

type VersionsProps = { shown: Text; now_ms: number | undefined };

/** Author of the text on the screen, and earlier versions with their changes. */
export function Versions({ shown, now_ms }: VersionsProps) {
  const me = useMe();
  const writerOf = useWriter(me);
  const [chosen_id, choose] = useState<string | null>(null);
  const id = useId();
  // A person's changes to an agent's text are open first.
  const open_id = chosen_id ?? (shown.written_by_user_id === null ? '' : shown.id);
  const has_others = shown.version > 1;
  const detail = useQuery({
    queryKey: ['drafts', 'one', shown.id],
    queryFn: () => fetchDraft(shown.id),
    enabled: has_others,
  });
  const versions = detail.data?.versions.toReversed() ?? [];
  return (
    <section className="versions" aria-labelledby={id}>
      <p id={id} className="muted">
        Version {shown.version}, by {writerOf(shown)}
        {sourceWords(shown)}, <Time iso={shown.created_at} now_ms={now_ms} />
      </p>
      <Failure error={detail.error} />
      {has_others ? (
        <ul className="version_list">
          {versions.map((version) => (
            <li key={version.id}>
              <button
                type="button"
                className="quiet version_head"
                aria-expanded={open_id === version.id}
                onClick={() => choose(open_id === version.id ? '' : version.id)}
              >
                {version.version === 1 ? 'Text of version 1' : `Changes in version ${version.version}`}
                <span className="muted">
                  by {writerOf(version)}, <Time iso={version.created_at} now_ms={now_ms} />
                </span>
              </button>
              {open_id === version.id ? (
                <Change version={version} before={versionBefore(versions, version)} />
              ) : null}
            </li>
          ))}
        </ul>
      ) : null}
    </section>
  );
}

type ChangeProps = { version: Version; before: Version | undefined };

/** The server's comparison if a person changed an agent's text; otherwise one with the previous version. */
function Change({ version, before }: ChangeProps) {
  const detail = useQuery({
    queryKey: ['drafts', 'one', version.id],
    queryFn: () => fetchDraft(version.id),
    enabled: version.written_by_user_id !== null,
  });
  const diff = detail.data?.diff ?? null;
  if (diff !== null) {
    const { from_version, to_version, subject, body } = diff;
    return (
      <DiffView
        older={`Version ${from_version}, by the agent`}
        newer={`Version ${to_version}`}
        subject={subject}
        body={body}
      />
    );
  }
  if (detail.isLoading) return <p className="muted">Loading…</p>;
  if (before === undefined) {
    return (
      <div className="diff">
        {version.subject === null ? null : <p className="diff_text diff_subject">{version.subject}</p>}
        <p className="diff_text">{version.body}</p>
      </div>
    );
  }
  return (
    <DiffView
      older={`Version ${before.version}`}
      newer={`Version ${version.version}`}
      subject={diffWords(before.subject ?? '', version.subject ?? '')}
      body={diffWords(before.body, version.body)}
    />
  );
}

/** `versions` has the newest first. */
function versionBefore(versions: readonly Version[], { version }: Version): Version | undefined {
  return versions.find((one) => one.version < version);
}

type Written = Pick<Version, 'written_by_user_id' | 'written_by_user_name' | 'written_by_agent_id'>;

function useWriter(me: Me | undefined): (written: Written) => string {
  const agentName = useAgentName();
  return ({ written_by_user_id, written_by_user_name, written_by_agent_id }) => {
    if (written_by_user_id !== null) {
      return written_by_user_id === me?.user_id ? 'you' : (written_by_user_name ?? 'a colleague');
    }
    return written_by_agent_id === null ? 'Touchline' : agentName(written_by_agent_id);
  };
}

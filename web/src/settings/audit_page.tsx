import { useMutation } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { api, read } from '../api/client.ts';
import { usePages } from '../api/pages.ts';
import type { AuditEntry, AuditVerification } from '../api/schema.d.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { Empty } from '../ui/empty.tsx';
import { Failure } from '../ui/failure.tsx';
import { More } from '../ui/more.tsx';
import { Time } from '../ui/time.tsx';
import { SettingsPage } from './settings_page.tsx';
import { REFRESH_MS, useUsers } from './use_settings.ts';

type Line = AuditEntry;
/** Longer values, for example a whole policy, are cut. */
const SHOWN_LENGTH = 300;

type Verified = AuditVerification;

/** Manual changes with their users, and a check of the audit for tampering. */
export function AuditPage() {
  const [actor_id, setActor] = useState('');
  const users = useUsers();
  const id = useId();
  const pages = usePages(
    ['settings', 'audit', actor_id],
    (cursor) => {
      const query = { ...(actor_id === '' ? {} : { actor_id }), ...(cursor === undefined ? {} : { cursor }) };
      return read(api.GET('/audit', { params: { query } }));
    },
    REFRESH_MS,
  );
  const names = new Map(users.data?.items.map((user) => [user.id, user.name]));
  return (
    <SettingsPage tab="audit" actions={<Verify />}>
      <div className="audit_filter">
        <label htmlFor={id}>Changes by</label>
        <select id={id} value={actor_id} onChange={(event) => setActor(event.target.value)}>
          <option value="">Everyone</option>
          {users.data?.items.map((user) => (
            <option key={user.id} value={user.id}>
              {user.name}
            </option>
          ))}
        </select>
      </div>
      <Failure error={pages.error} />
      {!pages.is_loading && pages.items.length === 0 ? (
        <Empty title="No changes yet">
          <p>Changes by people and agents appear here, with the values before and after.</p>
        </Empty>
      ) : null}
      <ol className="record_list record_list_wide">
        {pages.items.map((line) => (
          <li key={line.id}>
            <AuditLine line={line} nameOf={(actor) => names.get(actor)} />
          </li>
        ))}
      </ol>
      <More pages={pages} />
    </SettingsPage>
  );
}

const ACTION_WORDS: Readonly<Record<string, string>> = {
  insert: 'added',
  update: 'changed',
  delete: 'deleted',
};

function AuditLine({ line, nameOf }: { line: Line; nameOf(id: string): string | undefined }) {
  const { at, actor_id, actor_kind, asked_by_id, surface, operation, subject_table, action, changes } = line;
  const by = asked_by_id ?? actor_id;
  const who = by === null ? 'Direct SQL' : (nameOf(by) ?? (actor_kind === 'human' ? 'A person' : by));
  const what =
    operation === null ? `${ACTION_WORDS[action] ?? action} ${plain(subject_table)}` : doneWords(operation);
  return (
    <details className="audit_line">
      <summary>
        <strong>{who}</strong>: {what}{' '}
        <span className="muted">
          <Time iso={at} />
          {surface === null ? '' : `, ${SURFACE_WORDS[surface] ?? surface}`}
        </span>
      </summary>
      <dl className="settings_facts">
        {Object.entries(changes).map(([column, change]) => (
          <div key={column}>
            <dt>{plain(column)}</dt>
            <dd>
              {change === '(changed)' ? (
                'changed, not shown'
              ) : (
                <>
                  {change.old === null || change.old === undefined ? null : <s>{shown(change.old)}</s>}{' '}
                  {shown(change.new)}
                </>
              )}
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

const SURFACE_WORDS: Readonly<Record<string, string>> = {
  http: 'over HTTP',
  mcp: 'over MCP',
  cli: 'at the command line',
  web: 'here',
};

/** Asks the server to verify the chain of hashes, page by page. */
function Verify() {
  const [share, setShare] = useState(0);
  const verifying = useMutation({
    mutationFn: async (): Promise<Verified> => {
      let continue_from: string | null = null;
      for (;;) {
        const query: { continue_from?: string } = continue_from === null ? {} : { continue_from };
        const answer: Verified = await read(api.GET('/audit/verify', { params: { query } }));
        setShare(answer.progress);
        if (!answer.ok || answer.continue_from === null) return answer;
        continue_from = answer.continue_from;
      }
    },
  });
  const { data } = verifying;
  return (
    <div className="audit_verify">
      <ActionButton type="button" is_busy={verifying.isPending} onClick={() => verifying.mutate()}>
        {verifying.isPending ? `Checking… ${Math.round(share * 100)}%` : 'Check for tampering'}
      </ActionButton>
      {data === undefined ? null : (
        <p className={data.ok ? 'notice notice_good' : 'notice notice_bad'} role="status">
          {data.ok
            ? `No tampering found: ${data.checked_rows.toLocaleString('en')} entries checked.`
            : `Tampering found: ${data.finding?.says ?? ''}`}
        </p>
      )}
      <Failure error={verifying.error} />
    </div>
  );
}

/** Formats an operation in the past tense: `patch_mailbox` becomes “changed mailbox”. */
function doneWords(operation: string): string {
  const [verb = '', ...rest] = operation.split('_');
  return [VERB_WORDS[verb] ?? verb, ...rest].join(' ');
}

const VERB_WORDS: Readonly<Record<string, string>> = {
  acknowledge: 'acknowledged',
  approve: 'approved',
  cancel: 'canceled',
  claim: 'took',
  complete: 'completed',
  copy: 'copied',
  create: 'added',
  delete: 'ended',
  disconnect: 'disconnected',
  connect: 'connected',
  edit: 'edited',
  erase: 'erased',
  exit: 'ended',
  fail: 'failed',
  handle: 'handled',
  import: 'imported',
  mark: 'marked',
  patch: 'changed',
  pause: 'paused',
  pick: 'picked',
  propose: 'proposed',
  put: 'set',
  read: 'read',
  reject: 'rejected',
  request: 'requested',
  resolve: 'resolved',
  resume: 'resumed',
  retire: 'retired',
  retry: 'retried',
  route: 'routed',
  withdraw: 'withdrew',
};

function plain(word: string): string {
  return word.replaceAll('_', ' ');
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)} …` : text;
}

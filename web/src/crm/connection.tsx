import type { CrmConnection } from '../api/schema.d.ts';
import { useNow } from '../sessions/me.ts';
import { saysOf } from '../today/words.ts';
import { countWords } from '../ui/count.ts';
import { Time } from '../ui/time.tsx';
import { useCrmWarnings } from './use_crm.ts';
import { CRM_WORDS, FIELDS, STAGES } from './words.ts';

/** The connection: the CRM, its workspace, its admin, and its stages by title. */
export function Connection({ connection }: { connection: CrmConnection }) {
  const { crm, workspace_name, base_url, connected_by_name, connected_at, stage_titles } = connection;
  const { fields, unread_fields, former_workspace_name } = connection;
  const unreadOf = (field: string) => unread_fields.find((one) => one.field === field)?.record_count ?? 0;
  const now_ms = useNow();
  return (
    <section className="crm_section" aria-labelledby="crm_connection">
      <h2 id="crm_connection">Connection</h2>
      <dl className="settings_facts">
        <div>
          <dt>CRM</dt>
          <dd>{CRM_WORDS[crm]}</dd>
        </div>
        <div>
          <dt>Workspace</dt>
          <dd>
            {workspace_name}
            {former_workspace_name === null
              ? null
              : ` (begins once the ids of ${former_workspace_name} are removed)`}
          </dd>
        </div>
        {base_url === null ? null : (
          <div>
            <dt>Server</dt>
            <dd>{base_url}</dd>
          </div>
        )}
        <div>
          <dt>Connected</dt>
          <dd>
            <Time iso={connected_at} now_ms={now_ms} /> by <bdi>{connected_by_name}</bdi>
          </dd>
        </div>
        {FIELDS.filter(([field]) => fields[field] !== undefined).map(([field, words]) => (
          <div key={field}>
            <dt>{words}</dt>
            <dd>
              {fields[field]}
              {unreadOf(field) === 0
                ? null
                : ` (${countWords(unreadOf(field), 'record')} with another value)`}
            </dd>
          </div>
        ))}
      </dl>
      <table className="crm_stages">
        <caption>Stages of an opportunity</caption>
        <thead>
          <tr>
            <th scope="col">In Touchline</th>
            <th scope="col">In {CRM_WORDS[crm]}</th>
          </tr>
        </thead>
        <tbody>
          {STAGES.map(([stage, words]) => (
            <tr key={stage}>
              <th scope="row">{words}</th>
              <td>{stage_titles[stage]}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** The state of the writes in one sentence, and why nothing reaches the CRM. */
export function State({ connection }: { connection: CrmConnection }) {
  const { crm, pending_count, refused_count, oldest_pending_at } = connection;
  const now_ms = useNow();
  const warning = useCrmWarnings().data?.items[0];
  const refused =
    pending_count === 0
      ? `The CRM refused ${countWords(refused_count, 'write')}`
      : `; the CRM refused ${refused_count.toLocaleString('en')}`;
  return (
    <>
      {warning === undefined ? null : (
        <div className="notice notice_bad">
          <p>
            {saysOf(warning)}{' '}
            <span className="muted">
              <Time iso={warning.raised_at} now_ms={now_ms} />
            </span>
          </p>
          {isOfKey(warning.detail) ? (
            <p>
              An admin connects {CRM_WORDS[crm]} again in the terminal:{' '}
              <code>touchline crm connect {crm}</code>. Pending writes follow.
            </p>
          ) : null}
        </div>
      )}
      {pending_count === 0 && refused_count === 0 ? (
        <p className="notice notice_good">No writes are pending or refused.</p>
      ) : (
        <p className={refused_count === 0 ? undefined : 'notice'}>
          {pending_count === 0 ? null : `${countWords(pending_count, 'write is', 'writes are')} pending`}
          {oldest_pending_at === null ? null : (
            <>
              , {pending_count === 1 ? '' : 'the oldest '}queued{' '}
              <Time iso={oldest_pending_at} now_ms={now_ms} />
            </>
          )}
          {refused_count === 0 ? '' : refused}.
        </p>
      )}
    </>
  );
}

/** Whether the CRM does not accept the key, rather than not responding. */
function isOfKey(detail: unknown): boolean {
  return typeof detail === 'object' && detail !== null && 'cause' in detail && detail.cause === 'key';
}

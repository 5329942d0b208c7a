import { useMutation } from '@tanstack/react-query';
import { cache } from '../api/cache.ts';
import { api, read } from '../api/client.ts';
import type { AgentKind, TaskWorker } from '../api/schema.d.ts';
import { useMe, useNow } from '../sessions/me.ts';
import { announce } from '../ui/announce.tsx';
import { Failure } from '../ui/failure.tsx';
import { Time } from '../ui/time.tsx';
import { SettingsPage } from './settings_page.tsx';
import { isAdmin } from './tabs.ts';
import { type Agent, useAgents } from './use_settings.ts';

const KIND_WORDS: Record<AgentKind, string> = {
  brain: 'Brain: proposes plays',
  role: 'Role: works the tasks of one role',
  system: 'System: works for Touchline itself',
};
const WORKER_WORDS: Record<TaskWorker, string> = {
  built_in: 'Touchline',
  outside: 'External agent',
};

/** Agents, the connections that do their work, and when they were last active. */
export function AgentsPage() {
  const agents = useAgents();
  return (
    <SettingsPage tab="agents">
      <p className="muted">
        Agents propose, draft, and classify. They never approve, activate, or send. External agents sign in
        with an API key, over HTTP or MCP.
      </p>
      <Failure error={agents.error} />
      {agents.isPending ? <p className="muted">Loading…</p> : null}
      <ul className="record_list record_list_wide">
        {agents.data?.items.map((agent) => (
          <AgentLine key={agent.id} agent={agent} />
        ))}
      </ul>
    </SettingsPage>
  );
}

function AgentLine({ agent }: { agent: Agent }) {
  const { id, display_name, kind, topic, worked_by, last_seen_at } = agent;
  const me = useMe();
  const now_ms = useNow();
  const changing = useMutation({
    mutationFn: (to: TaskWorker) =>
      read(api.PATCH('/agents/{id}', { params: { path: { id } }, body: { worked_by: to } })),
    onSuccess: ({ worked_by: to }) => {
      announce(`Tasks of ${display_name} assigned to: ${WORKER_WORDS[to]}.`);
      cache.invalidateQueries({ queryKey: ['agents'] });
    },
    onError: (error) => announce(error.message),
  });
  return (
    <li>
      <div>
        <p>
          <strong>{display_name}</strong> {display_name === id ? null : <span className="muted">{id}</span>}
        </p>
        <p className="muted">
          {[KIND_WORDS[kind], topic].filter(Boolean).join(' · ')}
          {last_seen_at === null ? null : (
            <>
              {' · '}last seen <Time iso={last_seen_at} now_ms={now_ms} />
            </>
          )}
        </p>
      </div>
      {kind === 'role' ? (
        <label className="worked_by">
          Tasks worked by
          <select
            value={worked_by}
            disabled={!isAdmin(me) || changing.isPending}
            onChange={(event) => changing.mutate(event.target.value as TaskWorker)}
          >
            {Object.entries(WORKER_WORDS).map(([worker, words]) => (
              <option key={worker} value={worker}>
                {words}
              </option>
            ))}
          </select>
        </label>
      ) : null}
    </li>
  );
}

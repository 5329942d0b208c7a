import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useAgentName } from '../agents/names.ts';
import { cache } from '../api/cache.ts';
import { api, read } from '../api/client.ts';
import { usePages } from '../api/pages.ts';
import { useMe, useNow } from '../sessions/me.ts';
import { canDecide } from '../sessions/roles.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { Empty } from '../ui/empty.tsx';
import { Failure } from '../ui/failure.tsx';
import { Link } from '../ui/link.tsx';
import { More } from '../ui/more.tsx';
import { Time } from '../ui/time.tsx';
import { personOf, type Task } from './hand_off.ts';
import { EMPTY_WORDS, TYPE_WORDS } from './words.ts';

const REFRESH_MS = 30_000;
const PAGE = 50;

type Status = 'open' | 'claimed' | 'failed';

/** Tasks of role agents: open, claimed with lease, and failed. */
export function TasksView({ status, tabs }: { status: Status; tabs: ReactNode }) {
  const pages = usePages(['hand_offs', 'tasks', status], (cursor) => fetchTasks(status, cursor), REFRESH_MS);
  const { title, text } = EMPTY_WORDS[status];
  return (
    <div className="work">
      <h1 className="unseen">Hand-offs</h1>
      {tabs}
      <Failure error={pages.error} />
      {pages.items.length === 0 && !pages.is_loading ? (
        <Empty title={title}>
          <p>{text}</p>
        </Empty>
      ) : (
        <div className="page">
          <ul className="rows_wide">
            {pages.items.map((task) => (
              <TaskLine key={task.id} task={task} />
            ))}
          </ul>
          <More pages={pages} />
        </div>
      )}
    </div>
  );
}

function fetchTasks(status: Status, cursor: string | undefined) {
  const query = { status, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) };
  return read(api.GET('/tasks', { params: { query } }));
}

function TaskLine({ task }: { task: Task }) {
  const now_ms = useNow();
  const agentName = useAgentName();
  return (
    <li className="task_line">
      <div>
        <strong>{TYPE_WORDS[task.type]}</strong> <span className="muted">{agentName(task.role)}</span>
        <br />
        <Link to={`/leads/${task.lead_id}`}>{personOf(task)}</Link>
        {task.company === null ? null : (
          <>
            , <bdi>{task.company}</bdi>
          </>
        )}
        {task.campaign_name === null ? null : <span className="muted"> · {task.campaign_name}</span>}
        {task.error === null ? null : <p className="task_error">{task.error}</p>}
      </div>
      <div className="task_state muted">
        <Standing task={task} now_ms={now_ms} />
        {task.attempt_count > 1 ? `, ${task.attempt_count} attempts` : ''}
      </div>
      <div className="actions">
        <Move task={task} />
      </div>
    </li>
  );
}

function Standing({ task, now_ms }: { task: Task; now_ms: number | undefined }) {
  const agentName = useAgentName();
  if (task.status === 'claimed' && task.lease_until !== null) {
    return (
      <>
        Claimed by {task.claimed_by === null ? 'an agent' : agentName(task.claimed_by)} until{' '}
        <Time iso={task.lease_until} />
      </>
    );
  }
  if (task.status === 'failed' && task.finished_at !== null) {
    return (
      <>
        Failed <Time iso={task.finished_at} now_ms={now_ms} />
      </>
    );
  }
  const is_later = task.retry_at !== null && now_ms !== undefined && Date.parse(task.retry_at) > now_ms;
  return is_later && task.retry_at !== null ? (
    <>
      Retries <Time iso={task.retry_at} now_ms={now_ms} />
    </>
  ) : (
    <>
      Created <Time iso={task.created_at} now_ms={now_ms} />
    </>
  );
}

/** A person's action on a task. */
function Move({ task }: { task: Task }) {
  const me = useMe();
  const retry = useMutation({
    mutationFn: () => read(api.POST('/tasks/{id}/retry', { params: { path: { id: task.id } } })),
    onSuccess: () => {
      announce('Retrying.');
      for (const key of ['hand_offs', 'today', 'flags']) cache.invalidateQueries({ queryKey: [key] });
    },
  });
  if (task.type === 'meeting_booked') return <Link to={`/hand-offs?task=${task.id}`}>Route</Link>;
  if (task.type === 'process_reply' && task.status !== 'failed')
    return <Link to="/replies">Classify reply</Link>;
  if (task.status !== 'failed' || !canDecide(me)) return null;
  return (
    <>
      <ActionButton type="button" is_busy={retry.isPending} onClick={() => retry.mutate()}>
        Retry
      </ActionButton>
      <Failure error={retry.error} />
    </>
  );
}

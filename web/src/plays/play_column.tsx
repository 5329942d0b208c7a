import { useQuery } from '@tanstack/react-query';
import { useAgentName } from '../agents/names.ts';
import { api, read } from '../api/client.ts';
import { usePages } from '../api/pages.ts';
import { useNow } from '../sessions/me.ts';
import { countWords } from '../ui/count.ts';
import { Failure } from '../ui/failure.tsx';
import { Link } from '../ui/link.tsx';
import { More } from '../ui/more.tsx';
import { useRoving } from '../ui/roving.ts';
import { Time } from '../ui/time.tsx';
import type { BoardFilter, ListedPlay, PlayState } from './play.ts';
import { useSegmentName } from './use_play.ts';
import { EMPTY_WORDS, percentWords, RETIRE_WORDS, ROLE_WORDS, STATE_WORDS, whereWords } from './words.ts';

const REFRESH_MS = 30_000;
const RESULTS_KEPT_MS = 30_000;
const PAGE = 50;

type PlayColumnProps = { state: PlayState; filter: BoardFilter; is_shown: boolean };

/** The plays of one state. A narrow screen shows one column at a time. */
export function PlayColumn({ state, filter: { segment, q }, is_shown }: PlayColumnProps) {
  const pages = usePages(
    ['plays', 'list', state, segment, q],
    (cursor) => fetchPlays({ state, segment, q }, cursor),
    REFRESH_MS,
  );
  const resultOf = useResults(state);
  const rowProps = useRoving({
    ids: pages.items.map(({ play_id }) => play_id),
    current: pages.items[0]?.play_id ?? null,
    onArrow: () => undefined,
  });
  const count = pages.has_more ? `${pages.items.length}+` : pages.items.length;
  const is_filtered = segment !== '' || q !== '';
  return (
    <section className="board_column" data-shown={is_shown} aria-label={STATE_WORDS[state]}>
      <h2>
        {STATE_WORDS[state]} {pages.is_loading ? null : <span className="count">{count}</span>}
      </h2>
      <Failure error={pages.error} />
      {pages.is_loading || pages.items.length > 0 ? null : (
        <p className="muted board_empty">{is_filtered ? 'No plays match.' : EMPTY_WORDS[state]}</p>
      )}
      <ul className="rows">
        {pages.items.map((play) => (
          <li key={play.play_id}>
            <Link className="row" to={`/plays/${play.play_id}`} {...rowProps(play.play_id)}>
              <PlayRow play={play} result={resultOf(play.play_id)} />
            </Link>
          </li>
        ))}
      </ul>
      <More pages={pages} />
    </section>
  );
}

type Result = {
  enrolled: number;
  meetings: number;
  meeting_rate: number | null;
  target_meeting_rate: number | null;
};

/** Reads the results of the newest plays that ran. */
function useResults(state: PlayState): (play_id: string) => Result | undefined {
  const results = useQuery({
    queryKey: ['plays', 'results'],
    queryFn: () => read(api.GET('/analytics/plays', { params: { query: { limit: 100 } } })),
    enabled: state === 'active' || state === 'retired',
    staleTime: RESULTS_KEPT_MS,
  });
  return (play_id) => results.data?.items.find((one) => one.play_id === play_id);
}

function PlayRow({ play, result }: { play: ListedPlay; result: Result | undefined }) {
  const now_ms = useNow();
  const nameOf = useSegmentName();
  const agentName = useAgentName();
  const { state, name, created_at, activated_at, retired_at, writer_agent_id } = play;
  const since = {
    draft: created_at,
    under_review: play.picked_up_at,
    active: activated_at,
    retired: retired_at,
  }[state];
  return (
    <>
      <span className="row_text">
        <strong>{name}</strong>
      </span>
      <span className="row_text">{whereWords(play, nameOf)}</span>
      <span className="row_text muted">
        {agentName(writer_agent_id)}
        {since === null ? (
          ''
        ) : (
          <>
            {' '}
            · <Time iso={since} now_ms={now_ms} />
          </>
        )}
      </span>
      <span className="row_text muted">
        <Standing play={play} result={result} />
      </span>
    </>
  );
}

/** The progress of a play: its approvals, its results, or its end. */
function Standing({ play, result }: { play: ListedPlay; result: Result | undefined }) {
  switch (play.state) {
    case 'draft':
      return play.copied_from_play_id === null ? null : 'Copied from a retired play';
    case 'under_review':
      return approvalWords(play);
    case 'active':
      return result === undefined ? null : resultWords(result);
    case 'retired':
      return (
        <>
          {play.retire_reason === null ? 'Retired' : RETIRE_WORDS[play.retire_reason]}
          {result === undefined ? '' : `. ${resultWords(result)}`}
        </>
      );
  }
}

function approvalWords({ revops_approver_user_id, slm_approver_user_id, edit_count }: ListedPlay): string {
  const given = [
    revops_approver_user_id === null ? '' : ROLE_WORDS.revops,
    slm_approver_user_id === null ? '' : ROLE_WORDS.slm.toLowerCase(),
  ].filter(Boolean);
  const approvals = given.length === 0 ? 'No approval yet' : `Approved by ${given.join(' and ')}, 1 of 2`;
  return edit_count === 0 ? approvals : `${approvals} · ${countWords(edit_count, 'edit')}`;
}

function resultWords({ enrolled, meetings, meeting_rate, target_meeting_rate }: Result): string {
  if (enrolled === 0) return 'No leads enrolled yet';
  const rate = meeting_rate === null ? '' : `, ${percentWords(meeting_rate)}`;
  const target = target_meeting_rate === null ? '' : ` of ${percentWords(target_meeting_rate)}`;
  return `${enrolled.toLocaleString('en')} enrolled · ${countWords(meetings, 'meeting')}${rate}${target}`;
}

function fetchPlays(
  { state, segment, q }: { state: PlayState; segment: string; q: string },
  cursor: string | undefined,
) {
  const query = {
    state,
    limit: PAGE,
    ...(segment === '' ? {} : { segment }),
    ...(q === '' ? {} : { q }),
    ...(cursor === undefined ? {} : { cursor }),
  };
  return read(api.GET('/plays', { params: { query } }));
}

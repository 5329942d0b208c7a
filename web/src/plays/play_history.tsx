import { useAgentName } from '../agents/names.ts';
import { useNow } from '../sessions/me.ts';
import { Time } from '../ui/time.tsx';
import type { Play } from './play.ts';
import { AS_ROLE_WORDS, RETIRE_WORDS } from './words.ts';

/** The history of a play, newest first. */
export function PlayHistory({ play }: { play: Play }) {
  const agentName = useAgentName();
  const now_ms = useNow();
  const moments = momentsOf(play, agentName(play.writer_agent_id)).toReversed();
  return (
    <section>
      <h2>History</h2>
      <ol className="history">
        {moments.map(({ at, text }) => (
          <li key={at + text}>
            {text}
            <br />
            <span className="muted">
              <Time iso={at} now_ms={now_ms} />
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function momentsOf(play: Play, brain: string): { at: string; text: string }[] {
  const moments: [string | null, string][] = [
    [
      play.created_at,
      play.copied_from_play_id === null ? `Proposed by ${brain}` : 'Copied from an earlier play',
    ],
    [play.picked_up_at, `Picked up by ${play.picked_up_by_name ?? 'someone'}`],
    ...play.edits.map(({ at, user_name }): [string, string] => [at, `Edited by ${user_name}`]),
    [play.revops_approved_at, approved(play.revops_approver_name, 'revops')],
    [play.slm_approved_at, approved(play.slm_approver_name, 'slm')],
    [play.activated_at, 'Activated'],
    [play.retired_at, retirement(play)],
  ];
  return moments
    .flatMap(([at, text]) => (at === null ? [] : [{ at, text }]))
    .sort((a, b) => a.at.localeCompare(b.at));
}

function approved(name: string | null, role: 'revops' | 'slm'): string {
  return `Approved as ${AS_ROLE_WORDS[role]} by ${name ?? 'someone'}`;
}

function retirement({ retired_by_name, retire_reason }: Play): string {
  const by = retired_by_name === null ? 'Retired automatically' : `Retired by ${retired_by_name}`;
  return retire_reason === null ? by : `${by}: ${RETIRE_WORDS[retire_reason].toLowerCase()}`;
}

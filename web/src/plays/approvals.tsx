import { useMe, useNow } from '../sessions/me.ts';
import { Time } from '../ui/time.tsx';
import { type ApproverRole, approvalOf, type Play } from './play.ts';
import { AS_ROLE_WORDS, ROLE_WORDS } from './words.ts';

export const APPROVER_ROLES: readonly ApproverRole[] = ['revops', 'slm'];

/** Both approvals: the user and the time, or the missing role. */
export function Approvals({ play }: { play: Play }) {
  if (play.state === 'draft') return null;
  const was_rejected = play.state === 'retired' && play.activated_at === null;
  if (was_rejected) return null;
  return (
    <section>
      <h2>Approvals</h2>
      <dl className="facts">
        {APPROVER_ROLES.map((role) => (
          <div className="fact" key={role}>
            <dt>{ROLE_WORDS[role]}</dt>
            <dd>
              <Approval play={play} role={role} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Approval({ play, role }: { play: Play; role: ApproverRole }) {
  const now_ms = useNow();
  const me = useMe();
  const { user_id, name, at } = approvalOf(play, role);
  if (user_id === null || at === null) return <span className="muted">{missingWords(play, role)}</span>;
  return (
    <>
      {user_id === me?.user_id ? 'You' : name}
      <br />
      <span className="muted">
        <Time iso={at} now_ms={now_ms} />
      </span>
    </>
  );
}

function missingWords(play: Play, role: ApproverRole): string {
  const given = APPROVER_ROLES.map((other) => approvalOf(play, other).user_id).find((id) => id !== null);
  return given === undefined
    ? `Needs approval by a ${AS_ROLE_WORDS[role]} user`
    : `Needs approval by another ${AS_ROLE_WORDS[role]} user`;
}

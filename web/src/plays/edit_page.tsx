import './plays.css';
import { useMe } from '../sessions/me.ts';
import { Empty } from '../ui/empty.tsx';
import { Failure } from '../ui/failure.tsx';
import { Link } from '../ui/link.tsx';
import { useTitle } from '../ui/title.ts';
import type { Play } from './play.ts';
import { PlayEditor } from './play_editor.tsx';
import { usePlay } from './use_play.ts';

/** The editor of a play under review. */
export function EditPlayPage({ play_id }: { play_id: string }) {
  const read = usePlay(play_id);
  const me = useMe();
  useTitle(read.data === undefined ? 'Edit play' : `Edit ${read.data.play.name}`);
  const may_edit = me?.roles.some((role) => role === 'revops' || role === 'slm') ?? true;
  const play = read.data?.play;
  return (
    <div className="page">
      <p className="crumbs">
        <Link to={`/plays/${play_id}`}>‹ Play</Link>
      </p>
      {play === undefined ? <Failure error={read.error} /> : null}
      {read.data === undefined ? (
        <h1 className="muted">{read.error === null ? 'Loading…' : 'Edit play'}</h1>
      ) : may_edit && read.data.play.state === 'under_review' ? (
        <PlayEditor key={play_id} latest={read.data} />
      ) : (
        <NotNow play={read.data.play} />
      )}
    </div>
  );
}

function NotNow({ play: { state, play_id, name } }: { play: Play }) {
  const why = {
    draft: 'This play is a draft. Pick it up first.',
    under_review: 'Only RevOps and sales leaders can edit plays.',
    active: 'Active plays cannot be edited. Retire this one, copy it, and edit the copy.',
    retired: 'Retired plays cannot be edited. Copy this one and edit the copy.',
  }[state];
  return (
    <>
      <h1>{name}</h1>
      <Empty title="This play cannot be edited">
        <p>
          {why} <Link to={`/plays/${play_id}`}>Back to the play</Link>.
        </p>
      </Empty>
    </>
  );
}

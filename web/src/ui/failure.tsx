import { type Problem, Refusal } from '../api/refusal.ts';

/** Why something was not done or could not be read, in the server's words. */
export function Failure({ error }: { error: Error | null }) {
  if (error === null) return null;
  const problem: Pick<Problem, 'detail' | 'hint' | 'errors'> =
    error instanceof Refusal ? error.problem : { detail: error.message };
  return (
    <div className="notice notice_bad" role="alert">
      <p>{problem.detail}</p>
      {problem.errors && problem.errors.length > 0 ? (
        <ul>
          {problem.errors.map(({ path, message }) => (
            <li key={path + message}>
              {path === '' ? '' : `${path}: `}
              {message}
            </li>
          ))}
        </ul>
      ) : null}
      {problem.hint ? <p className="muted">{problem.hint}</p> : null}
    </div>
  );
}

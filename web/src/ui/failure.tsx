import { type Problem, Refusal } from '../api/refusal.ts';
import { withoutCommands } from './commands.ts';

type FailureProps = {
  error: Error | null;
  /** Retries a request that does not retry automatically. */
  onAgain?: (() => void) | undefined;
};

/** Shows why a request failed, in the server's words. */
export function Failure({ error, onAgain }: FailureProps) {
  if (error === null) return null;
  const problem: Pick<Problem, 'detail' | 'hint' | 'errors'> =
    error instanceof Refusal ? error.problem : { detail: error.message };
  const hint = problem.hint === undefined ? null : withoutCommands(problem.hint);
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
      {hint === null ? null : <p className="muted">{hint}</p>}
      {onAgain === undefined ? null : (
        <p>
          <button type="button" onClick={onAgain}>
            Try again
          </button>
        </p>
      )}
    </div>
  );
}

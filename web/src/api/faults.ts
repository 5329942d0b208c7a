import { Refusal } from './refusal.ts';

/** Faults by the path of their field, for example `steps.2.delay_days`. The server’s `[2]` and `.2` are the same. */
export function faultsOf(error: Error | null): ReadonlyMap<string, string> {
  const errors = error instanceof Refusal ? (error.problem.errors ?? []) : [];
  return new Map(
    errors.map(({ path, message }) => [path.replaceAll(/\[(\d+)\]/g, '.$1'), sentence(message)]),
  );
}

/** The faults of one part of a form, by their paths within it. */
export function faultsWithin(faults: ReadonlyMap<string, string>, part: string): ReadonlyMap<string, string> {
  const inner = [...faults].flatMap(([path, message]): [string, string][] => {
    if (path === part) return [['', message]];
    return path.startsWith(`${part}.`) ? [[path.slice(part.length + 1), message]] : [];
  });
  return new Map(inner);
}

/** The same refusal with each path in words, for faults without a field on the page. */
export function toldBy(error: Error | null, pathWords: (path: string) => string): Error | null {
  if (!(error instanceof Refusal) || error.problem.errors === undefined) return error;
  const errors = error.problem.errors.map(({ path, message }) => ({ path: pathWords(path), message }));
  return new Refusal({ ...error.problem, errors });
}

function sentence(message: string): string {
  const words = `${message.charAt(0).toUpperCase()}${message.slice(1)}`;
  return words.endsWith('.') ? words : `${words}.`;
}

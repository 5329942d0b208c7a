import { faultsOf, toldBy } from '../api/faults.ts';
import { isRefusal } from '../api/refusal.ts';
import { pathWords } from '../plays/words.ts';
import { Failure } from '../ui/failure.tsx';
import { EXIT_WORDS } from './words.ts';

/** Faults of a campaign by field; a loop of exit rules is described with campaign names. */
export function definitionFaults(
  error: Error | null,
  nameOf: (slug: string) => string,
): ReadonlyMap<string, string> {
  const faults = [...faultsOf(error)].map(([path, message]): [string, string] => {
    const circle = /^Leads in a circle: (.+)\.$/.exec(message)?.[1];
    if (circle === undefined) return [path, message];
    return [path, `The exit rules form a loop: ${circle.split(' → ').map(nameOf).join(' → ')}.`];
  });
  return new Map(faults);
}

type DefinitionFailureProps = {
  error: Error | null;
  /** Fields on the page, which show their own faults. */
  fields: readonly string[];
};

/** Why the server refused a campaign definition. */
export function DefinitionFailure({ error, fields }: DefinitionFailureProps) {
  if (isRefusal(error, 'on_exit_loop')) {
    return (
      <p className="notice notice_bad" role="alert">
        Not saved: the exit rules form a loop. At one of its exits, let a person decide or choose no next
        campaign.
      </p>
    );
  }
  const faults = [...faultsOf(error).keys()];
  if (faults.length > 0 && faults.every((path) => fields.includes(path.split('.')[0] ?? ''))) {
    return (
      <p className="notice notice_bad" role="alert">
        Not saved. Fix the {faults.length === 1 ? 'marked field' : `${faults.length} marked fields`}, then
        save again.
      </p>
    );
  }
  return <Failure error={toldBy(error, placeWords)} />;
}

function placeWords(path: string): string {
  const exit = /^on_exit\.(\w+)$/.exec(path)?.[1];
  const words: Readonly<Record<string, string>> = { ...EXIT_WORDS, ...SETTING_WORDS };
  return words[exit ?? path] ?? pathWords(path);
}

const SETTING_WORDS = {
  name: 'Name',
  owner_role: 'Owner',
  send_rule: 'Sending',
  entry: 'Entry',
  priority: 'Priority',
  approvers: 'Approvers',
};

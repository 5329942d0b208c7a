import { useMe } from '../sessions/me.ts';
import { isAdmin } from '../settings/tabs.ts';
import { Empty } from '../ui/empty.tsx';

const WRITTEN = [
  'each enrolled lead as a person, after the account as a company',
  'each touch and each reply as a note',
  'each opportunity of a sales campaign, from its first stage to won or lost',
  'each opt-out, before anything else',
];

/** Explains the writes to a CRM, and how to connect one. */
export function NoCrm() {
  return (
    <Empty title="No CRM connected">
      <p>Touchline writes its work to a connected CRM, exactly once and in order:</p>
      <ul className="bulleted">
        {WRITTEN.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      {isAdmin(useMe()) ? (
        <p>
          Connect one in the terminal: <code>touchline crm connect attio</code>, or <code>hubspot</code>. The
          command asks for the API key and checks it first.
        </p>
      ) : (
        <p>
          An admin connects one in the terminal: <code>touchline crm connect attio</code>, or{' '}
          <code>hubspot</code>.
        </p>
      )}
    </Empty>
  );
}

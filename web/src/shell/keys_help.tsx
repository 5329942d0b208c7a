import { INTENTS } from '../replies/words.ts';
import { Dialog } from '../ui/dialog.tsx';
import { PLACES } from './places.ts';

const EVERYWHERE: readonly [string, string][] = [
  ['Ctrl K', 'Search or go to'],
  ['?', 'Keyboard shortcuts'],
];
const DRAFTS: readonly [string, string][] = [
  ['J, K', 'Next, previous'],
  ['A', 'Approve'],
  ['E', 'Edit'],
  ['R', 'Reject'],
  ['U', 'Undo approval'],
  ['C, S', 'Copy the text; “I sent it” (manual sends)'],
];

const REPLIES: readonly [string, string][] = [
  ...INTENTS.map(({ letter, label }) => [letter, label] as [string, string]),
  ['Enter', 'Press the button of the chosen intent'],
];
const PLAYS: readonly [string, string][] = [
  ['J, K', 'Next, previous play; ← → for the next column'],
  ['P', 'Pick up a draft'],
  ['E', 'Edit under review'],
  ['A, S', 'Approve as RevOps; as sales leader'],
  ['W', 'Withdraw your approval'],
  ['X', 'Reject or retire'],
  ['C, O', 'Copy a retired play; record its results'],
];
const CAMPAIGNS: readonly [string, string][] = [
  ['N', 'New campaign'],
  ['P', 'Pause or activate'],
  ['E', 'Edit steps'],
  ['S', 'Edit settings'],
];

/** All keyboard shortcuts. */
export function KeysHelp({ onClose }: { onClose(): void }) {
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <KeyList title="Everywhere" keys={EVERYWHERE} />
      <KeyList
        title="Go to"
        keys={PLACES.map(({ letter, label }) => [`G ${letter.toUpperCase()}`, label] as const)}
      />
      <KeyList title="Drafts" keys={DRAFTS} />
      <KeyList title="Replies: intent" keys={REPLIES} />
      <KeyList title="Hand-offs" keys={[['N', 'Don’t enroll']]} />
      <KeyList title="Plays" keys={PLAYS} />
      <KeyList title="Campaigns" keys={CAMPAIGNS} />
    </Dialog>
  );
}

function KeyList({ title, keys }: { title: string; keys: readonly (readonly [string, string])[] }) {
  return (
    <section>
      <h3>{title}</h3>
      <dl className="facts">
        {keys.map(([key, what]) => (
          <div className="fact" key={key}>
            <dt>
              <kbd className="key">{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

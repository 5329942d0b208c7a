import { INTENTS } from '../replies/words.ts';
import { Dialog } from '../ui/dialog.tsx';
import { PLACES } from './places.ts';

const EVERYWHERE: readonly [string, string][] = [
  ['Ctrl K', 'Go anywhere, find anyone'],
  ['?', 'This list'],
];
const DRAFTS: readonly [string, string][] = [
  ['J, K', 'The next, the one before'],
  ['A', 'Approve'],
  ['E', 'Edit'],
  ['R', 'Reject'],
  ['U', 'Take an approval back'],
  ['C, S', 'Copy the text; “I sent it” (what you send yourself)'],
];

const REPLIES: readonly [string, string][] = [
  ...INTENTS.map(({ letter, label }) => [letter, label] as [string, string]),
  ['Enter', 'Then does what the button says'],
];
const PLAYS: readonly [string, string][] = [
  ['J, K', 'The next play, the one before; ← → to the column beside'],
  ['P', 'Pick up a draft'],
  ['E', 'Edit under review'],
  ['A, S', 'Approve as RevOps; as sales leader'],
  ['W', 'Take your approval back'],
  ['X', 'Reject or retire'],
  ['C, O', 'Copy a retired play; write down what it brought'],
];
const CAMPAIGNS: readonly [string, string][] = [
  ['N', 'A new campaign'],
  ['P', 'Pause or activate it'],
  ['E', 'Edit its steps'],
  ['S', 'Edit its settings'],
];

/** Every key there is. */
export function KeysHelp({ onClose }: { onClose(): void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <KeyList title="Everywhere" keys={EVERYWHERE} />
      <KeyList
        title="Go to"
        keys={PLACES.map(({ letter, label }) => [`G ${letter.toUpperCase()}`, label] as const)}
      />
      <KeyList title="Drafts" keys={DRAFTS} />
      <KeyList title="Replies: what it means" keys={REPLIES} />
      <KeyList title="Hand-offs" keys={[['N', 'They go nowhere']]} />
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

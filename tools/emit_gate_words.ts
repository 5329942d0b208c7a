import { SAYS_WORDS } from '../src/core/explain/words.ts';
import { GATES, REASONS } from '../src/core/gate/gates.ts';
import { WAKES } from '../src/core/gate/wakes.ts';
import { sentence } from '../src/core/gate/words.ts';
import { SUPPRESSED_REASON_VALUES, WAKE_CONDITION_VALUES } from '../src/schema.gen.ts';
import { MARK } from './mark.ts';

/** The words of the gate for the pages: they name reasons, gates, and waits as the explanations do. */
export function emitGateWords(): string {
  return [
    `${MARK}\n`,
    constant('REASONS', 'Why a touch was not sent: a label, and the words within a sentence.', [
      ...SUPPRESSED_REASON_VALUES.map((reason) => {
        const { label, why } = REASONS[reason];
        return [reason, `{ label: ${text(label)}, why: ${text(why)} }`] as const;
      }),
    ]),
    constant(
      'GATES',
      'The gates in the order of their checks.',
      GATES.map(({ name, label }) => [name, text(label)] as const),
    ),
    constant(
      'SAYS',
      'How a gate answered.',
      Object.entries(SAYS_WORDS).map(([says, words]) => [says, text(sentence(words))] as const),
    ),
    constant(
      'WAKES',
      'The end of a wait without a known time, after "when".',
      WAKE_CONDITION_VALUES.map((wake) => [wake, text(WAKES[wake].until)] as const),
    ),
  ].join('\n');
}

function constant(name: string, says: string, entries: readonly (readonly [string, string])[]): string {
  const lines = entries.map(([key, value]) => `  ${key}: ${value},\n`).join('');
  return `/** ${says} */\nexport const ${name} = {\n${lines}} as const;\n`;
}

function text(words: string): string {
  return words.includes("'") ? JSON.stringify(words) : `'${words}'`;
}

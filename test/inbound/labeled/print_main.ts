/** Prints the figures of the labeled set: `node test/inbound/labeled/print_main.ts [a|b|all] [failures of half a]`. */
import { LABELS, LANGUAGES } from './cases.ts';
import {
  figuresOf,
  intentOf,
  isCertain,
  isRight,
  type Measured,
  measured,
  rate,
  type Share,
} from './figures.ts';
import { peerFigures } from './peers.ts';

const half = process.argv[2] === 'a' || process.argv[2] === 'b' ? process.argv[2] : 'all';
const all = measured(half);

print(`half ${half}: ${all.length} messages`);
for (const [name, share] of Object.entries(figuresOf(all))) print(row(name, share));
print('\nintent named, by label');
for (const label of LABELS) {
  const of = all.filter((one) => one.of.label === label);
  print(row(label, { hits: of.filter(isRight).length, of: of.length }));
}
print('\nopt-outs at once, by language');
for (const language of LANGUAGES) {
  const of = all.filter((one) => one.of.language === language);
  print(row(language, figuresOf(of).opt_outs_at_once));
}
print('\nquoted text, beside two libraries');
for (const [name, { own_kept, quote_removed }] of Object.entries(peerFigures(all))) {
  print(row(`${name}: own text kept`, own_kept));
  print(row(`${name}: quote removed`, quote_removed));
}
// Half b measures: its single failures stay unread, or rules would be written on it.
if (half === 'a')
  for (const one of all.filter(isWrong)) print(`${one.of.language} ${one.of.label}: ${said(one)}`);

function isWrong(one: Measured): boolean {
  const { of, told } = one;
  if (of.label === 'opt_out') return told.kind !== 'unsubscribe';
  if (of.label === 'out_of_office')
    return told.kind !== 'out_of_office' || (told.return_date ?? 'none') !== of.expected;
  if (of.label === 'auto') return told.kind !== 'auto_reply';
  return !isRight(one);
}

function said({ of, told, message, reply }: Measured): string {
  const day = told.kind === 'out_of_office' ? ` ${told.return_date}` : '';
  const own = reply.trim() === of.own ? '' : ` [${reply.replaceAll('\n', '⏎').slice(0, 160)}]`;
  const sure = isCertain(told) ? '!' : '';
  return `${intentOf(told)}${sure}${day} ${of.expected ?? ''} for (${message.program}) ${of.own.replaceAll('\n', '⏎')}${own}`;
}

function row(name: string, share: Share): string {
  return `  ${name.padEnd(38)} ${String(share.hits).padStart(5)} of ${String(share.of).padStart(5)}  ${(rate(share) * 100).toFixed(1)}%`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

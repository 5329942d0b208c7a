import { MARKDOWN_MARK } from './mark.ts';
import type { Trigger } from './triggers.ts';

type Machine = { table: string; title: string; note: string };

/** The machines in the order in which a message passes them. */
const MACHINES: readonly Machine[] = [
  {
    table: 'sequence_requests',
    title: 'Request',
    note: 'A request asks to enroll a lead. Held and queued requests are retried automatically.',
  },
  {
    table: 'campaign_contacts',
    title: 'Enrollment',
    note: 'An enrollment that has ended stays as it is; the lead can be enrolled again with a new one.',
  },
  {
    table: 'sales_send_queue',
    title: 'Queue item',
    note: 'A queue item is one step of one enrollment. A draft has no state of its own: its versions never change, and the status of its queue item says whether it is pending (`drafted`), `approved` or `sent`.',
  },
  {
    table: 'send_attempts',
    title: 'Attempt',
    note: 'An attempt is one hand-over to a mail server. From `data` on the server may have the message, so no further attempt is made; a person settles an `unknown` one.',
  },
  {
    table: 'touches',
    title: 'Touch',
    note: 'A touch is what caps count. A touch that left is never voided.',
  },
  {
    table: 'agent_tasks',
    title: 'Task',
    note: 'A task fails after five claims. Only a person opens a failed task again.',
  },
  {
    table: 'sales_play_library',
    title: 'Play',
    note: 'Two people in two roles approve a play, and the second approval activates it. A retired play is copied, never reopened.',
  },
];

/**
 * docs/state_machines.md, from the arguments of the triggers that refuse every other transition. Throws for a trigger
 * without a title here.
 */
export function emitStateMachines(triggers: readonly Trigger[]): string {
  const moves = Map.groupBy(
    triggers.filter(({ args }) => args.some(isMove)),
    ({ table }) => table,
  );
  const untitled = [...moves.keys()].filter((table) => !MACHINES.some((machine) => machine.table === table));
  if (untitled.length > 0) throw new Error(`docs/state_machines.md: no title for ${untitled.join(', ')}`);
  return [
    MARKDOWN_MARK,
    '',
    '# State machines',
    '',
    'The database refuses every other move with `TL001` (touches: `TL003`), for every writer. The moves are the arguments of the',
    'triggers that are named below. A state without an arrow that leaves it is final.',
    '',
    ...MACHINES.flatMap((machine) => section(machine, moves.get(machine.table) ?? [], triggers)),
  ].join('\n');
}

function section(
  { table, title, note }: Machine,
  guards: readonly Trigger[],
  all: readonly Trigger[],
): string[] {
  if (guards.length !== 1)
    throw new Error(`docs/state_machines.md: ${guards.length} triggers list moves of ${table}`);
  const edges = guards.flatMap(({ args }) => args.filter(isMove)).flatMap(edgesOf);
  const first = all.find((it) => it.table === table && FIRST_STATES.test(it.routine));
  return [
    `## ${title}`,
    '',
    `\`${table}\`, by the trigger${first === undefined ? '' : `s \`${first.name}\` and`} \`${guards[0]?.name}\`. ${note}`,
    '',
    '```mermaid',
    'stateDiagram-v2',
    ...(first?.args ?? []).map((state) => `  [*] --> ${state}`),
    ...edges.map(([from, to]) => `  ${from} --> ${to}`),
    '```',
    '',
  ];
}

/** Trigger functions whose arguments are the initial states of a row. */
const FIRST_STATES = /^refuse_illegal_first_|^guard_new_play$/;

function isMove(arg: string): boolean {
  return /^\w+>\w+(,\w+)*$/.test(arg);
}

function edgesOf(move: string): [string, string][] {
  const [from = '', targets = ''] = move.split('>');
  return targets.split(',').map((to) => [from, to]);
}

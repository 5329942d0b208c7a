import { parseArgs } from 'node:util';
import { positive, whole, wrongOption } from '../option_values.ts';
import { CONTESTANTS, type ContestantName } from './contestant.ts';

export type Options = {
  enrollments: number;
  events: number;
  leads: number;
  workers: number;
  seconds: number;
  baseline_events: number | null;
  only: readonly ContestantName[];
  database_url: string | undefined;
  out: string | undefined;
};

/** Throws `bench_option` with the option and its valid values. */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      enrollments: { type: 'string', default: '100000' },
      events: { type: 'string', default: '1000000' },
      leads: { type: 'string' },
      workers: { type: 'string', default: '2' },
      seconds: { type: 'string', default: '40' },
      'baseline-events': { type: 'string' },
      only: { type: 'string', default: CONTESTANTS.join(',') },
      'database-url': { type: 'string' },
      out: { type: 'string' },
    },
  });
  const enrollments = whole('enrollments', values.enrollments, 1000);
  const leads = values.leads === undefined ? enrollments : whole('leads', values.leads, 1);
  if (leads > enrollments || enrollments > leads * 5)
    throw wrongOption('leads', 'from a fifth of the number of enrollments up to that number');
  const only = values.only.split(',');
  for (const name of only)
    if (!CONTESTANTS.some((known) => known === name)) throw wrongOption('only', CONTESTANTS.join(', '));
  const events = whole('events', values.events, 0);
  const baseline = values['baseline-events'];
  return {
    enrollments,
    leads,
    events,
    workers: whole('workers', values.workers, 1),
    seconds: positive('seconds', values.seconds),
    baseline_events: baseline === undefined ? null : whole('baseline-events', baseline, 0, events),
    only: CONTESTANTS.filter((name) => only.includes(name)),
    database_url: values['database-url'],
    out: values.out,
  };
}

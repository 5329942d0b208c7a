import { parseArgs } from 'node:util';
import { positive, whole, wrongOption } from '../option_values.ts';

export type Options = {
  leads: number;
  events: number;
  /** Requests a second, over all connections. */
  rate: number;
  connections: number;
  /** Whether all connections start each second together. */
  burst: boolean;
  /** Per target; the mixed run lasts three times as long. */
  seconds: number;
  /** After this many minutes, no measurement is repeated. */
  minutes: number;
  /** Names of targets; null: all of them and the mixed run. */
  only: readonly string[] | null;
  database_url: string | undefined;
  out: string | undefined;
};

/** Throws `bench_option` with the option and its valid values. */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      leads: { type: 'string', default: '1000000' },
      events: { type: 'string', default: '1000000' },
      rate: { type: 'string', default: '200' },
      connections: { type: 'string', default: '10' },
      burst: { type: 'boolean', default: false },
      seconds: { type: 'string', default: '5' },
      minutes: { type: 'string', default: '60' },
      only: { type: 'string' },
      'database-url': { type: 'string' },
      out: { type: 'string' },
    },
  });
  const rate = whole('rate', values.rate, 1);
  const connections = whole('connections', values.connections, 1);
  if (connections > rate) throw wrongOption('connections', 'at most the number of requests a second');
  return {
    leads: whole('leads', values.leads, 5_000),
    events: whole('events', values.events, 0),
    rate,
    connections,
    burst: values.burst,
    seconds: positive('seconds', values.seconds),
    minutes: positive('minutes', values.minutes),
    only: values.only === undefined ? null : values.only.split(','),
    database_url: values['database-url'],
    out: values.out,
  };
}

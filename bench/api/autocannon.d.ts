/** The parts of autocannon that the benchmark uses; the package ships no types. */
declare module 'autocannon' {
  import type { EventEmitter } from 'node:events';

  type Request = { method: 'GET'; path: string };
  type Options = {
    url: string;
    connections: number;
    overallRate: number;
    /** Seconds. */
    duration: number;
    headers: Readonly<Record<string, string>>;
    requests: readonly Request[];
    ignoreCoordinatedOmission?: boolean;
  };
  type Result = { '2xx': number; non2xx: number; errors: number; timeouts: number; duration: number };
  type Instance = EventEmitter & PromiseLike<Result>;

  export default function autocannon(options: Options): Instance;
}

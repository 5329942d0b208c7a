import { type Check, check, failure, ok, skipped } from './check.ts';

/** The server that runs, or would, where the command line looks for it. */
export type ServerPort = {
  url: string;
  /** What it says of itself; `away` where nothing answers. */
  state(): Promise<'ready' | 'not_ready' | 'away'>;
};

export function serverCheck({ url, state }: ServerPort): Promise<Check> {
  return check('server', async () => {
    const found = await state();
    if (found === 'ready') return ok(`answers at ${url}`);
    if (found === 'not_ready')
      return failure(`${url} answers and is not ready`, 'See the checks of the database, then its log.');
    return skipped(
      `no server answers at ${url}`,
      'Start it with touchline up or touchline serve. If it runs elsewhere, set TOUCHLINE_URL.',
    );
  });
}

import type { CrmName } from '../../src/schema.gen.ts';
import { startAttioDouble } from '../connectors/attio_double.ts';
import { startHubspotDouble } from '../connectors/hubspot_double.ts';

/** The double of a CRM, with the input that connects it. */
export type CrmDouble = {
  input: { crm: CrmName; api_key: string; base_url: string; app_id?: string; client_secret?: string };
  /** From now on, the CRM accepts only this key. */
  setKey(api_key: string): void;
  setScopes(scopes: string[]): string[];
  close(): Promise<void>;
};

type Options = { seed?: number; now_ms?: () => number };
type Double = { url: string; world: { api_key: string; scopes: string[] }; close(): Promise<void> };

/** A double of every CRM that can be connected. */
export const DOUBLES: Readonly<Record<CrmName, (options?: Options) => Promise<CrmDouble>>> = {
  attio: async (options) => doubleOf('attio', await startAttioDouble(options), {}),
  hubspot: async (options) => {
    const double = await startHubspotDouble(options);
    const { app_id, client_secret } = double.world;
    return doubleOf('hubspot', double, { app_id: String(app_id), client_secret });
  },
};

function doubleOf(
  crm: CrmName,
  { url, world, close }: Double,
  app: { app_id?: string; client_secret?: string },
): CrmDouble {
  return {
    input: { crm, api_key: world.api_key, base_url: url, ...app },
    setKey(api_key) {
      world.api_key = api_key;
    },
    setScopes(scopes) {
      const before = world.scopes;
      world.scopes = scopes;
      return before;
    },
    close,
  };
}

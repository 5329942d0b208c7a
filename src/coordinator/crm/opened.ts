import type { Crm, CrmApp, CrmConnector, CrmHooks, CrmOptions } from '../../connectors/crm/port.ts';
import { AppError } from '../../errors.ts';
import type { CrmConnectionsRow } from '../../schema.gen.ts';
import { openSecret, sealSecret } from '../sending/sealed_secret.ts';
import { type CrmFields, placesOf } from './fields.ts';

type Stored = Pick<
  CrmConnectionsRow,
  'org_id' | 'crm' | 'base_url' | 'api_key' | 'app_id' | 'client_secret' | 'fields'
>;

/**
 * `sealed`: a secret cannot be decrypted with this TOUCHLINE_SECRET. `refused`: this process does not connect to such a CRM,
 * for example at speed to one that is not on this machine.
 */
export type OpenedCrm =
  | { kind: 'open'; crm: Crm }
  | { kind: 'sealed' }
  | { kind: 'refused'; code: string; message: string };

/** Opens a stored connection, without any request. The caller closes it. `secret` is null if it cannot be read here. */
export function openCrm(
  connect: CrmConnector,
  secret: string | null,
  row: Stored,
  hooks: CrmHooks = {},
): OpenedCrm {
  const opened = secret === null ? null : openedSecrets(secret, row);
  if (opened === null) return { kind: 'sealed' };
  const { base_url, app_id } = row;
  try {
    return {
      kind: 'open',
      crm: connect(row.crm, {
        ...hooks,
        ...crmOptions({ ...opened, base_url, app_id }),
        fields: placesOf(row.fields as CrmFields),
      }),
    };
  } catch (error) {
    if (error instanceof AppError) return { kind: 'refused', code: error.code, message: error.message };
    throw error;
  }
}

/** The options of a connection, without those that are null or undefined. */
export function crmOptions({
  api_key,
  ...others
}: { api_key: string } & {
  [Name in keyof CrmApp | 'base_url']?: string | null | undefined;
}): CrmOptions {
  const { base_url, app_id, client_secret } = others;
  return {
    api_key,
    ...(base_url == null ? {} : { base_url }),
    ...(app_id == null ? {} : { app_id }),
    ...(client_secret == null ? {} : { client_secret }),
  };
}

/** The secrets of a connection as they are stored. */
export function sealedCrm(
  secret: string,
  org_id: string,
  { api_key, client_secret }: { api_key: string; client_secret?: string | undefined },
): Pick<CrmConnectionsRow, 'api_key' | 'client_secret'> {
  return {
    api_key: sealSecret(secret, api_key, crmSecretOwner(org_id, 'api_key')),
    client_secret:
      client_secret === undefined
        ? null
        : sealSecret(secret, client_secret, crmSecretOwner(org_id, 'client_secret')),
  };
}

/** The row and column for which a secret is sealed: neither opens in place of the other. */
export const crmSecretOwner = (org_id: string, column: 'api_key' | 'client_secret'): readonly string[] =>
  column === 'api_key' ? [org_id, 'crm'] : [org_id, 'crm', column];

function openedSecrets(secret: string, { org_id, api_key, client_secret }: Stored) {
  const key = openSecret(secret, api_key, crmSecretOwner(org_id, 'api_key'));
  if (key === null) return null;
  if (client_secret === null) return { api_key: key, client_secret };
  const opened = openSecret(secret, client_secret, crmSecretOwner(org_id, 'client_secret'));
  return opened === null ? null : { api_key: key, client_secret: opened };
}

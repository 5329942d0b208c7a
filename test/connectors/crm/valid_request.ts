/* A valid request to a CRM, and where it can be made invalid. */

export type Body = Record<string, unknown>;
export type Path = readonly (string | number)[];

export type ValidRequest = {
  method: string;
  /** With ids and a query. */
  path: string;
  /** The path in the CRM's description. */
  described: string;
  body: Body | readonly Body[] | null;
  /** Keys that must be present. */
  required?: Path[];
  /** Values that a key must not have, although their type fits. */
  malformed?: [Path, unknown][];
  /** Queries that must be refused. */
  queries?: string[];
  /** The id in the path or query need not exist. */
  is_id_free?: true;
};

import type { Cluster, Version } from './cluster.ts';

/** A way in which a login may have received its database. */
export type Login = {
  name: string;
  /** Prepares the cluster before the product sees it. */
  prepare: (cluster: Cluster) => Promise<void>;
  /** The product refuses at first and prints the SQL that a superuser has to run. */
  is_refused: boolean;
  /**
   * The server on which the short run delivers a message with this login. On others, or without this field, it only creates
   * the schema.
   */
  whole_way_on?: Version;
  /** Its address names two servers, of which the first is down. */
  has_failover?: true;
};

/** Names that need quotes, as real installations have them. */
const OWNER = 'Touchline-App';
export const DATABASE = 'sales_db';
const PASSWORD = 'a p@ss/word';

const makeOwned = async (cluster: Cluster, attributes: string) => {
  await cluster.asSuperuser(`CREATE ROLE "${OWNER}" LOGIN ${attributes} PASSWORD '${PASSWORD}'`);
  await cluster.asSuperuser(`CREATE DATABASE ${DATABASE} OWNER "${OWNER}"`);
};

/** The four supported kinds of login, and a fifth that many database administrators provide. */
export const LOGINS: readonly Login[] = [
  {
    name: 'a login with CREATEROLE that owns the database',
    prepare: (cluster) => makeOwned(cluster, 'CREATEROLE'),
    is_refused: false,
    whole_way_on: 15,
  },
  {
    name: 'a superuser',
    prepare: (cluster) => makeOwned(cluster, 'SUPERUSER'),
    is_refused: false,
    whole_way_on: 18,
    has_failover: true,
  },
  {
    name: 'a login that may not create roles',
    prepare: (cluster) => makeOwned(cluster, 'NOCREATEROLE'),
    is_refused: true,
    whole_way_on: 18,
  },
  {
    name: 'a login whose role was created beforehand',
    prepare: async (cluster) => {
      await makeOwned(cluster, 'NOCREATEROLE');
      await cluster.asSuperuser(`CREATE ROLE touchline_app; GRANT touchline_app TO "${OWNER}"`);
    },
    is_refused: false,
    // The commands of docs/install.md deliver a message with such a login.
  },
  {
    name: 'a login that owns nothing',
    prepare: async (cluster) => {
      await cluster.asSuperuser(`CREATE ROLE "${OWNER}" LOGIN PASSWORD '${PASSWORD}'`);
      await cluster.asSuperuser(`CREATE DATABASE ${DATABASE}`);
    },
    is_refused: true,
  },
];

export const urlOf = (cluster: Cluster) => cluster.url(OWNER, PASSWORD, DATABASE);

/** The same address with a server in front that is down, as during a failover. */
export function failoverUrlOf(cluster: Cluster): string {
  return `${urlOf(cluster).replace('@127.0.0.1:', '@127.0.0.1:1,127.0.0.1:')}?target_session_attrs=read-write`;
}

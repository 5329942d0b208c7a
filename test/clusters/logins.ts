import type { Cluster, Version } from './cluster.ts';

/** How a login may have come by its database. */
export type Login = {
  name: string;
  /** What is done to the cluster before the product sees it. */
  prepare: (cluster: Cluster) => Promise<void>;
  /** The product refuses at first and says what a superuser has to run. */
  is_refused: boolean;
  /** The server of the quick form on which this login goes the whole way; on others, or without, it only makes the schema. */
  whole_way_on?: Version;
  /** Its address names two servers, of which the first is away. */
  has_failover?: true;
};

/** Names that have to be quoted, as people do name them. */
const OWNER = 'Touchline-App';
export const DATABASE = 'sales_db';
const PASSWORD = 'a p@ss/word';

const makeOwned = async (cluster: Cluster, attributes: string) => {
  await cluster.asSuperuser(`CREATE ROLE "${OWNER}" LOGIN ${attributes} PASSWORD '${PASSWORD}'`);
  await cluster.asSuperuser(`CREATE DATABASE ${DATABASE} OWNER "${OWNER}"`);
};

/** The four kinds of login that are supported, and a fifth that many a database administrator hands out. */
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
    name: 'a login that may make no roles',
    prepare: (cluster) => makeOwned(cluster, 'NOCREATEROLE'),
    is_refused: true,
    whole_way_on: 18,
  },
  {
    name: 'a login with a role made for it beforehand',
    prepare: async (cluster) => {
      await makeOwned(cluster, 'NOCREATEROLE');
      await cluster.asSuperuser(`CREATE ROLE touchline_app; GRANT touchline_app TO "${OWNER}"`);
    },
    is_refused: false,
    // The commands of docs/install.md go the whole way as such a login.
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

/** The same with a server in front of it that is away, as in the middle of a failover. */
export function failoverUrlOf(cluster: Cluster): string {
  return `${urlOf(cluster).replace('@127.0.0.1:', '@127.0.0.1:1,127.0.0.1:')}?target_session_attrs=read-write`;
}

import type { object } from './double_checks.ts';
import type { Change } from './hubspot_objects.ts';
import type { HubspotWorld, Role } from './hubspot_world.ts';

export type Asked = {
  world: HubspotWorld;
  role: Role;
  /** The parameters of the path, in order. */
  params: string[];
  query: Record<string, string>;
  body: Record<string, unknown>;
  changed: (change: Change) => void;
};

type Check = ReturnType<typeof object>;

export type Route = {
  method: string;
  path: RegExp;
  /** By the parameters of the path. */
  scopes: (params: string[]) => string[];
  is_write: boolean;
  status: number;
  query?: Check;
  body?: Check;
  answer: (asked: Asked) => unknown;
};

/** A route with what most have. */
export const route = (
  method: string,
  path: RegExp,
  answer: Route['answer'],
  more: Partial<Omit<Route, 'method' | 'path' | 'answer'>> = {},
): Route => ({ method, path, answer, scopes: () => [], is_write: method !== 'GET', status: 200, ...more });

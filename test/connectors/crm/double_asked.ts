import type { object } from './double_checks.ts';
import type { Change } from './double_records.ts';
import type { Actor, DoubleWorld } from './double_world.ts';

export type Asked = {
  world: DoubleWorld;
  actor: Actor;
  /** The parameters of the path, in order. */
  params: string[];
  query: Record<string, string>;
  body: Record<string, unknown>;
  changed: (change: Change) => void;
};

export type Route = {
  method: string;
  path: RegExp;
  scopes: string[];
  is_write: boolean;
  query?: ReturnType<typeof object>;
  body?: ReturnType<typeof object>;
  answer: (asked: Asked) => unknown;
};

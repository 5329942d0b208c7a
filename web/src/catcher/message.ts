import type { CaughtMessage } from '../api/schema.d.ts';

export type Message = CaughtMessage;

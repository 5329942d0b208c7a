import type { Answer } from '../api/client.ts';

export type Message = Answer<'/catcher/messages', 'get'>['items'][number];

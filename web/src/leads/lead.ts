import type { Answer } from '../api/client.ts';

export type Lead = Answer<'/leads/{id}', 'get'>;

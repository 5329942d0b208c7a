import { openTemplates } from '../../src/templates/threads.ts';

let opened: ReturnType<typeof openTemplates> | undefined;

/** The product's own threads, one pair for all worlds of a process; at rest they do not keep it alive. */
export function sharedTemplates(): ReturnType<typeof openTemplates> {
  opened ??= openTemplates();
  return opened;
}

/** Who hands in templates where a test has nobody for it. */
export const checks = () => ({ templates: sharedTemplates(), asker: 'a test' });

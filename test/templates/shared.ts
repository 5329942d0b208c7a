import { openTemplates } from '../../src/templates/threads.ts';

let opened: ReturnType<typeof openTemplates> | undefined;

/** The product's own threads, one pair for all worlds of a process; idle ones do not keep it alive. */
export function sharedTemplates(): ReturnType<typeof openTemplates> {
  opened ??= openTemplates();
  return opened;
}

/** A submitter of templates for tests that have none. */
export const checks = () => ({ templates: sharedTemplates(), asker: 'a test' });

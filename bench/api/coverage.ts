import type { z } from 'zod';
import { registry } from '../../src/operations/registry.ts';
import type { Target } from './targets.ts';

/** Operations that read more than a list or a detail and have no bound of 50 ms. */
const NEITHER_LIST_NOR_DETAIL: Record<string, string> = {
  analytics_brains: 'sums over all plays',
  analytics_plays: 'sums over all plays',
  analytics_cohorts: 'sums over all plays',
  analytics_outcomes: 'sums over the people of several quarters',
  analytics_suppressions: 'sums over the log',
  analytics_conflicts: 'sums over the log',
  analytics_funnel: 'sums over the enrollments of a campaign',
  preview_play: 'counts all leads in the audience of a play',
  export_lead: 'exports everything about a lead as a file',
  verify_audit: 'reads the whole log',
  get_mailbox_dkim: 'queries the DNS',
  export_suppressions: 'exports the whole list as a file',
  get_crm: 'needs a connected CRM',
  list_caught_messages: 'needs the built-in mail catcher, which production lacks',
};

/** Inputs that are the subject of a path, or page through a list: targets need not name them. */
const NO_FILTER = ['id', 'slug', 'limit', 'cursor'];

/** Reading operations, and filters of lists (`list_leads ?scope`), that no target requests and that no name excludes. */
export function unmeasured(targets: readonly Target[]): string[] {
  const asked = targets.flatMap(({ paths }) => paths.map((path) => new URL(path, 'http://bench')));
  return registry.flatMap(({ name, http, input }) => {
    if (http?.method !== 'GET' || name in NEITHER_LIST_NOR_DETAIL) return [];
    const pattern = new RegExp(`^/api/v1${http.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
    const own = asked.filter(({ pathname }) => pattern.test(pathname));
    if (own.length === 0) return [name];
    const { shape } = input as z.ZodObject;
    return Object.keys(shape)
      .filter((key) => !NO_FILTER.includes(key) && !own.some((url) => url.searchParams.has(key)))
      .map((key) => `${name} ?${key}`);
  });
}

import { registry } from '../../src/operations/registry.ts';
import type { Target } from './targets.ts';

/** Operations that read more than a list or a detail and have no bound of 50 ms. */
const NEITHER_LIST_NOR_DETAIL: Record<string, string> = {
  analytics_brains: 'sums over all plays',
  analytics_plays: 'sums over all plays',
  analytics_cohorts: 'sums over all plays',
  analytics_suppressions: 'sums over the log',
  analytics_conflicts: 'sums over the log',
  analytics_funnel: 'sums over the enrollments of a campaign',
  preview_play: 'counts all leads in the audience of a play',
  export_lead: 'exports everything about a lead as a file',
  verify_audit: 'reads the whole log',
  get_mailbox_dkim: 'queries the DNS',
  list_caught_messages: 'needs the built-in mail catcher, which production lacks',
};

/** Throws if a reading operation is neither measured nor excluded by name. */
export function refuseUnmeasured(targets: readonly Target[]): void {
  const asked = targets.flatMap(({ paths }) => paths[0]!.replace(/\?.*/, ''));
  const unmeasured = registry.flatMap(({ name, http }) => {
    if (http?.method !== 'GET' || name in NEITHER_LIST_NOR_DETAIL) return [];
    const pattern = new RegExp(`^/api/v1${http.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
    return asked.some((path) => pattern.test(path)) ? [] : name;
  });
  if (unmeasured.length > 0) throw new Error(`no target requests: ${unmeasured.join(', ')}`);
}

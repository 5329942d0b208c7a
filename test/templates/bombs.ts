/** Templates that cost more than their size, each in another way. */

/** A million iterations of a loop with work in each: minutes of processor time. */
const BUSY = '{% if lead.last_name contains "x" %}y{% endif %}'.repeat(100);

export const BOMBS = {
  loop: `{% for i in (1..999999) %}${BUSY}{% endfor %}x`,
  loop_in_loop: `{% for i in (1..1000) %}{% for j in (1..900) %}${BUSY}{% endfor %}{% endfor %}x`,
  /** For one lead only, which no sample of a check includes. */
  one_lead: `{% if lead.title == "Bomb" %}{% for i in (1..999999) %}${BUSY}{% endfor %}{% endif %}Hello {{ lead.first_name }}`,
} as const;

/** Refused before they cost much. */
export const GREEDY = {
  range: '{% for i in (1..1000000000) %}x{% endfor %}',
  doubling: `{% assign s = "0123456789" %}${'{% assign s = s | append: s %}'.repeat(30)}{{ s }}`,
} as const;

export const step = (at: number, body: string) => ({
  step_number: at + 1,
  delay_days: at,
  channel: 'email' as const,
  content_type: 'follow_up' as const,
  template_instructions: 'Say hello.',
  template: { subject: 'Hello', body },
});

/** A campaign of twenty steps, each of which would run for minutes. */
export function bombCampaign(slug: string) {
  const steps = Array.from({ length: 20 }, (_, at) => step(at, BOMBS.loop));
  return { slug, name: slug, client: 'b2bea', type: 'event', owner_role: 'roles.bdr', steps };
}

/** Each line names the one before nine times: 9^30 values. */
export function aliasBomb(): string {
  const lines = Array.from({ length: 30 }, (_, at) => {
    const before = at === 0 ? 'x' : `*k${at - 1}`;
    return `k${at}: &k${at} [${Array(9).fill(before).join(',')}]`;
  });
  return lines.join('\n');
}

/** A megabyte that takes a parser more than a second. */
export const slowYaml = () => `[${'a,'.repeat(490_000)}]`;

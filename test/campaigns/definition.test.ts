import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readCampaignYaml } from '../../src/operations/campaigns/definition.ts';
import { checks } from '../templates/shared.ts';
import { refusal, YAML } from './fair_campaign.ts';

describe('reading a definition', () => {
  it('reads every shipped campaign', async () => {
    const dir = new URL('../../campaigns/', import.meta.url);
    const files = readdirSync(dir).filter((file) => file.endsWith('.yaml'));
    const read = await Promise.all(
      files.map((file) => readCampaignYaml(checks(), readFileSync(new URL(file, dir), 'utf8'))),
    );
    expect(read.map(({ slug, sequence_type, side }) => [slug, sequence_type, side].join(' ')).sort()).toEqual(
      [
        'b2bea_membership prospecting sales',
        'b2bea_membership_close closing sales',
        'b2bea_membership_cs onboarding service',
        'b2bea_nurture nurture marketing',
        'b2bea_world prospecting sales',
        'dreamborn prospecting sales',
      ],
    );
  });

  /** A change to the file, and the one fault that must be reported for it: path, line, and a word of the message. */
  const FAULTS: [
    what: string,
    from: string,
    to: string,
    path: string,
    line: number | undefined,
    word: RegExp,
  ][] = [
    ['an unknown key', 'name: After', 'nmae: x\nname: After', 'nmae', 2, /unknown key/],
    ['a missing key', 'client: b2bea\n', '', 'client_id', 1, /required/],
    ['a wrong type', 'delay_days: 4', 'delay_days: soon', 'steps[1].delay_days', 20, /number/],
    ['a wrong word', 'channel: linkedin', 'channel: fax', 'steps[1].channel', 21, /linkedin/],
    ['a step out of order', 'step_number: 2', 'step_number: 3', 'steps[1].step_number', 19, /expected 2/],
    ['a day before the previous step', 'delay_days: 0', 'delay_days: 9', 'steps[1].delay_days', 20, /day 9/],
    [
      'an email without subject',
      / {6}subject: .*\n/.exec(YAML)![0],
      '',
      'steps[0].template.subject',
      13,
      /required/,
    ],
    [
      'a LinkedIn subject',
      'template: { body',
      'template: { subject: x, body',
      'steps[1].template.subject',
      24,
      /no subject/,
    ],
    ['broken Liquid', '{% endif %}', '', 'steps[0].template.body', 15, /endif|closed/],
    ['an unknown filter', '| default', '| defualt', 'steps[0].template.subject', 14, /defualt/],
    [
      'an unknown variable',
      "{{ lead.first_name | default: 'there' }},",
      '{{ lead.name }},',
      'steps[0].template.body',
      15,
      /lead\.name/,
    ],
    [
      'one in a branch',
      'Buyers!',
      '{{ enrollment.notes }}',
      'steps[0].template.body',
      15,
      /enrollment\.notes/,
    ],
    ['a file to include', 'Hello!', "{% include 'passwd' %}", 'steps[0].template.body', 15, /./],
    [
      'an empty message',
      '"Hello again. {{ sender.name }}"',
      "'{{ lead.title }}'",
      'steps[1].template.body',
      24,
      /empty/,
    ],
    ['an unknown exit', 'meeting:', 'bored:', 'on_exit.bored', 6, /unknown key: .*no_engagement.*suggest/],
    [
      'a number too small',
      'delay_days: 4',
      'delay_days: -1',
      'steps[1].delay_days',
      20,
      /^must be 0 or more$/,
    ],
    [
      'a number too large',
      'delay_days: 4',
      'delay_days: 9999',
      'steps[1].delay_days',
      20,
      /^must be 3650 or less$/,
    ],
    ['a wrong type of campaign', 'type: event', 'type: fun', 'type', 4, /^must be one of event, membership/],
    [
      'an incomplete target',
      '{ gate: exec, suggest: null }',
      '{ gate: rep }',
      'on_exit.meeting',
      6,
      /gate: exec/,
    ],
    ['itself as target', '{ gate: exec, suggest: null }', 'fair', 'on_exit.meeting', 6, /same campaign/],
    [
      'a send rule of another owner',
      'type: event',
      'type: event\nsend_rule: pre_approved',
      'send_rule',
      5,
      /AGT-301/,
    ],
    ['an owner without default', 'roles.bdr', 'AGT-202', 'sequence_type', 1, /required/],
  ];
  it.each(FAULTS)('names %s by path and line', async (_what, from, to, path, line, word) => {
    const yaml = YAML.replace(from, to);
    expect(yaml).not.toBe(YAML);
    const error = await refusal(() => readCampaignYaml(checks(), yaml));
    expect(error).toMatchObject({ code: 'campaign_invalid', status: 422 });
    const fault = error.errors!.find((one) => one.path === path);
    expect(fault, JSON.stringify(error.errors)).toMatchObject({ line });
    expect(fault!.message).toMatch(word);
  });

  it('limits a pre-approved template to the lead’s own fields', async () => {
    const nurture = YAML.replace('roles.bdr', 'AGT-304').replace(
      'type: event',
      'type: event\nsend_rule: pre_approved',
    );
    const error = await refusal(() => readCampaignYaml(checks(), nurture));
    expect(error.errors).toMatchObject(
      [{ path: 'steps[0].template.body', message: /enrollment\.goal/ }].map(({ path }) => ({ path })),
    );
    expect(await readCampaignYaml(checks(), nurture.replace(/\{% if.*endif %\}/, 'Hello!'))).toMatchObject({
      sequence_type: 'nurture',
      side: 'marketing',
      send_rule: 'pre_approved',
    });
  });

  const BOMB = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...'bcdefghi'.split('').map((key, at) => {
      const before = 'abcdefghi'[at];
      return `${key}: &${key} [${Array(9).fill(`*${before}`).join(',')}]`;
    }),
  ].join('\n');
  it.each([
    ['a broken line', 'slug: [a\nname: b', /line 2/],
    ['a key given twice', 'slug: a\nslug: b', /line 2/],
    ['two documents', 'slug: a\n---\nslug: b', /document/],
    ['a bomb of aliases', BOMB, /alias/i],
    ['an alias without anchor', 'slug: *nobody', /alias/i],
    ['deep nesting', `slug: ${'['.repeat(50_000)}${']'.repeat(50_000)}`, /deep|nested/],
    ['a document that is too large', `# ${'x'.repeat(1_000_001)}`, /larger/],
  ])('refuses %s', async (_what, yaml, sentence) => {
    const error = await refusal(() => readCampaignYaml(checks(), yaml));
    expect(error).toMatchObject({ code: 'yaml_invalid', status: 422 });
    expect(error.message).toMatch(sentence);
  });

  it('refuses ninety thousand keys without comparing each with each', async () => {
    const yaml = Array.from({ length: 90_000 }, (_, at) => `k${at}: 1`).join('\n');
    const error = await refusal(() => readCampaignYaml(checks(), yaml));
    expect(['yaml_invalid', 'yaml_over_budget']).toContain(error.code);
  }, 20_000);

  it.each(['', '# nothing yet\n'])('reports an empty file: %j', async (yaml) => {
    const { message } = await refusal(() => readCampaignYaml(checks(), yaml));
    expect(message).toBe('The campaign is not valid: the file is empty.');
  });

  it.each(['', '42', '[]', 'just text', 'null'])('refuses anything but a mapping: %j', async (yaml) => {
    expect(await refusal(() => readCampaignYaml(checks(), yaml))).toMatchObject({ code: 'campaign_invalid' });
  });
});

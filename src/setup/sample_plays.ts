/** Sample plays: two drafts, one under review, one rejected. */
import type { OperationContext } from '../context.ts';
import { listPlays } from '../db/queries/plays.gen.ts';
import { playOperations } from '../operations/plays/plays.ts';
import { playReviewOperations } from '../operations/plays/review.ts';
import type { Principal } from '../principal.ts';

const [proposePlay] = playOperations;
const [pickUp, edit, approve, , retire] = playReviewOperations;

type Proposed = Parameters<typeof proposePlay.run>[0]['input'];
type Cadence = Proposed['suggested_cadence'];
type Sample = { agent_id: string; play: Omit<Proposed, 'scope' | 'client_id'> };

const REPORT_STEPS: NonNullable<Cadence['steps']> = [
  {
    delay_days: 0,
    channel: 'email',
    content_type: 'proof',
    template_instructions:
      'Name the chapter of the report that is about their kind of company, and one figure of it. Ask whether theirs is higher or lower.',
  },
  {
    delay_days: 4,
    channel: 'linkedin',
    content_type: 'follow_up',
    template_instructions: 'Two lines. Refer to something that they published themselves.',
  },
  {
    delay_days: 9,
    channel: 'email',
    content_type: 'campaign_visibility',
    template_instructions: 'Which of their peers are in the report already, and by when one has to say yes.',
  },
  {
    delay_days: 16,
    channel: 'email',
    content_type: 'exit',
    template_instructions: 'Close the door kindly: the report goes to print, the next one is in spring.',
  },
];

const SHOP_STEPS: NonNullable<Cadence['steps']> = [
  {
    delay_days: 0,
    channel: 'email',
    content_type: 'proof',
    template_instructions: 'One distributor of their size, what it changed in its shop, and what came of it.',
  },
  {
    delay_days: 3,
    channel: 'email',
    content_type: 'follow_up',
    template_instructions: 'One question about how their buyers order today. No pitch.',
  },
  {
    delay_days: 10,
    channel: 'email',
    content_type: 'boss_arming',
    template_instructions: 'Half a page that they can forward: cost, effort, who else has done it.',
  },
];

const BOARD_STEPS: NonNullable<Cadence['steps']> = [
  {
    delay_days: 0,
    channel: 'linkedin',
    content_type: 'personal_visibility',
    template_instructions: 'Invite them, by name, to the panel of the spring event.',
  },
  {
    delay_days: 5,
    channel: 'email',
    content_type: 'personal_visibility',
    template_instructions: 'Who sits on the panel, who listens, and what it asks of them: forty minutes.',
  },
  {
    delay_days: 12,
    channel: 'email',
    content_type: 'close',
    template_instructions: 'A date for a first talk, and a way to say no without explaining.',
    requires_personal_send: true,
  },
];

const SAMPLES = {
  shops: {
    agent_id: 'AGT-901',
    play: {
      segment: 'commercial_mm',
      name: 'Distributors whose buyers order online',
      hypothesis:
        'Whoever runs the shop of a regional distributor answers to one example of a company like theirs sooner than to anything about us.',
      target_definition: {
        icp_tiers: ['T1', 'T2'],
        titles: ['eCommerce', 'eBusiness', 'Digital'],
        verticals: ['industrial distribution', 'building materials', 'electrical supplies'],
      },
      suggested_cadence: { steps: SHOP_STEPS },
      success_criteria: { meeting_rate: 0.08, opp_create_rate: 0.03 },
      proposal: {
        summary: 'Regional distributors answer to examples of companies like theirs.',
        analysis:
          'Of the replies of the last two quarters, those of people who run a shop came after the message with an example, and hardly ever after one about the membership. Distributors are the largest group of the segment, and most of them have had no message with an example yet. I am fairly sure of the direction and unsure of the size: the numbers are small.',
        evidence: { replies_looked_at: 61, after_an_example: '70 %', leads_in_reach: 30 },
      },
    },
  },
  report: {
    agent_id: 'AGT-901',
    play: {
      segment: 'enterprise',
      name: 'Peers in the annual report',
      hypothesis: 'People who lead marketing in enterprises want to appear beside their peers.',
      target_definition: { icp_tiers: ['T1', 'T2'], titles: ['Marketing', 'Demand Generation'] },
      suggested_cadence: { steps: REPORT_STEPS },
      success_criteria: { meeting_rate: 0.1, acv: 24_000 },
      proposal: {
        summary: 'The annual report is the strongest reason to answer that enterprises have had.',
        analysis:
          'Four of the five meetings of last quarter in this segment began with the report. It goes to print in seven weeks, so a sequence of sixteen days reaches everybody in time.',
        evidence: { meetings_looked_at: 5, that_began_with_the_report: 4 },
      },
    },
  },
  panel: {
    agent_id: 'AGT-902',
    play: {
      segment: 'enterprise_strategic',
      name: 'A seat on the spring panel',
      hypothesis: 'The few accounts that matter most are won by giving one person there a stage.',
      target_definition: { icp_tiers: ['T1'], lifecycle_stages: ['lead', 'mql', 'sql'] },
      suggested_cadence: { steps: BOARD_STEPS },
      success_criteria: { meeting_rate: 0.15 },
      proposal: {
        summary: 'Whoever sat on a panel last year opened the door to their company.',
        analysis:
          'Three of last year’s seven speakers are customers today. All three said that the panel came first. Seven is a small number, and they were chosen by people who knew them.',
        evidence: { speakers_last_year: 7, customers_today: 3 },
      },
    },
  },
  weekly: {
    agent_id: 'AGT-901',
    play: {
      segment: 'commercial_smb',
      name: 'One page a week for owners',
      hypothesis: 'Owners of family firms read one short page a week.',
      target_definition: { titles: ['Owner', 'Founder'] },
      suggested_cadence: { steps: SHOP_STEPS },
      success_criteria: { meeting_rate: 0.05 },
      proposal: {
        summary: 'Owners have not been written to at all.',
        analysis:
          'There are many of them, and each decides alone. Nothing is known yet of what they answer to.',
      },
    },
  },
} as const satisfies Record<string, Sample>;

/** The edited version of the brain's text. */
const EDITED_HYPOTHESIS =
  'People who lead marketing in enterprises want to appear beside their peers, if they hear in time who is in already.';

/** Does nothing if plays exist. The brains propose in their own names, `person` does the rest. */
export async function loadSamplePlays(context: OperationContext, person: Principal): Promise<void> {
  const { org_id } = person;
  const all = { state: null, segment: null, account_id: null, writer_agent_id: null, tier: null, q: null };
  const reader = { only_writer: null, only_state: null, before_time: null, before_id: null };
  const known = await listPlays.run(
    { org_id, ...all, ...reader, now: context.clock.now(), limit: 1 },
    context.db,
  );
  if (known.length > 0) return;
  const propose = async ({ agent_id, play }: Sample) => {
    const principal: Principal = { kind: 'agent', org_id, agent_id, agent_kind: 'brain', name: agent_id };
    const input = proposePlay.input.parse({ scope: 'segment', client_id: 'b2bea', ...play });
    return (await proposePlay.run({ context, principal, input })).play_id;
  };
  const weekly = await propose(SAMPLES.weekly);
  await propose(SAMPLES.panel);
  const report = await propose(SAMPLES.report);
  await propose(SAMPLES.shops);
  const by = { context, principal: person };
  await retire.run({ ...by, input: { id: weekly } });
  await pickUp.run({ ...by, input: { id: report } });
  const steps = REPORT_STEPS.map((step, at) => (at === 2 ? { ...step, delay_days: 8 } : step));
  const changed = { hypothesis: EDITED_HYPOTHESIS, suggested_cadence: { steps } };
  await edit.run({ ...by, input: { id: report, ...changed } });
  await approve.run({ ...by, input: { id: report, role: 'revops' } });
}

import { type Campaign, type CampaignChanges, EXIT_REASONS, type ExitReason, exitsOf } from './campaign.ts';
import { type ExitChoices, exitChoice, exitTarget } from './campaign_form.ts';

/** Form fields for everything that can change in a campaign, except its steps. */
export type SettingsForm = {
  name: string;
  owner_role: string;
  send_rule: Campaign['send_rule'];
  entry: Campaign['entry'];
  /** As typed. */
  priority: string;
  approvers: Campaign['approvers'];
  on_exit: ExitChoices;
};

export function settingsOf(campaign: Campaign): SettingsForm {
  const { name, owner_role, send_rule, entry, approvers } = campaign;
  const priority = String(campaign.priority);
  return { name, owner_role, send_rule, entry, priority, approvers, on_exit: choicesOf(campaign) };
}

/** Differences between the form and the campaign. */
export function changesOf(form: SettingsForm, campaign: Campaign): CampaignChanges {
  const name = form.name.trim();
  return {
    ...(name === campaign.name ? {} : { name }),
    ...(form.owner_role === campaign.owner_role ? {} : { owner_role: form.owner_role }),
    ...(form.send_rule === campaign.send_rule ? {} : { send_rule: form.send_rule }),
    ...(form.entry === campaign.entry ? {} : { entry: form.entry }),
    ...(Number(form.priority) === campaign.priority ? {} : { priority: Number(form.priority) }),
    ...(form.approvers === campaign.approvers ? {} : { approvers: form.approvers }),
    ...(isSame(form.on_exit, choicesOf(campaign)) ? {} : { on_exit: mapOf(form.on_exit, campaign) }),
  };
}

/** The user’s edits on top of a campaign that someone else changed; untouched fields take the current values. */
export function rebased(form: SettingsForm, before: Campaign, now: Campaign): SettingsForm {
  const [old, current] = [settingsOf(before), settingsOf(now)];
  const is_owner_kept = form.owner_role === old.owner_role && form.send_rule === old.send_rule;
  const { owner_role, send_rule } = is_owner_kept ? current : form;
  const on_exit = EXIT_REASONS.map((reason) => {
    const is_kept = form.on_exit[reason] === old.on_exit[reason];
    return [reason, (is_kept ? current : form).on_exit[reason]] as const;
  });
  return {
    name: form.name === old.name ? current.name : form.name,
    owner_role,
    send_rule,
    entry: form.entry === old.entry ? current.entry : form.entry,
    priority: form.priority === old.priority ? current.priority : form.priority,
    approvers: form.approvers === old.approvers ? current.approvers : form.approvers,
    on_exit: Object.fromEntries(on_exit) as ExitChoices,
  };
}

function choicesOf(campaign: Campaign): ExitChoices {
  const exits = new Map(exitsOf(campaign).map(({ reason, target }) => [reason, exitChoice(target)]));
  const choiceOf = (reason: ExitReason) => exits.get(reason) ?? unnamed(reason);
  return {
    converted: choiceOf('converted'),
    meeting: choiceOf('meeting'),
    registered: choiceOf('registered'),
    no_engagement: choiceOf('no_engagement'),
    rejected: choiceOf('rejected'),
  };
}

/** The whole map. An exit that the campaign left out stays out while it has its default target. */
function mapOf(choices: ExitChoices, { on_exit }: Campaign): NonNullable<CampaignChanges['on_exit']> {
  const named = EXIT_REASONS.filter((reason) => reason in on_exit || choices[reason] !== unnamed(reason));
  return Object.fromEntries(named.map((reason) => [reason, exitTarget(choices[reason])] as const));
}

/** Default target of an exit that a map leaves out: a person’s decision after a meeting, no campaign after the others. */
function unnamed(reason: ExitReason): string {
  return exitChoice(reason === 'meeting' ? { gate: 'exec', suggest: null } : null);
}

function isSame(choices: ExitChoices, others: ExitChoices): boolean {
  return EXIT_REASONS.every((reason) => choices[reason] === others[reason]);
}

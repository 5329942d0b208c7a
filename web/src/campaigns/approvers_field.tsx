import type { Campaign } from './campaign.ts';
import { Choice } from './campaign_fields.tsx';
import { APPROVER_WORDS } from './words.ts';

type ApproversFieldProps = {
  value: Campaign['approvers'];
  fault: string | undefined;
  onChoose(approvers: Campaign['approvers']): void;
};

/** The users who approve and reject the campaign's drafts. */
export function ApproversField({ value, fault, onChoose }: ApproversFieldProps) {
  return (
    <Choice
      label="Approvers"
      hint="Without such a person, RevOps and admins decide."
      fault={fault}
      value={value}
      words={APPROVER_WORDS}
      onChoose={onChoose}
    />
  );
}

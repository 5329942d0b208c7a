import { useMutation } from '@tanstack/react-query';
import { cache } from '../api/cache.ts';
import { isRefusal } from '../api/refusal.ts';
import { useMe } from '../sessions/me.ts';
import { StepsView } from '../steps/steps_view.tsx';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { Failure } from '../ui/failure.tsx';
import { approveTemplate, type Campaign, contentOf, type Step } from './campaign.ts';
import { Unwritten } from './unwritten.tsx';

const TEMPLATE_APPROVERS = ['revops', 'slm', 'exec', 'admin'];

/** Steps of a campaign, each with its template and, for templates that send without review, its approval. */
export function CampaignSteps({ campaign }: { campaign: Campaign }) {
  return (
    <section>
      <h2>Steps</h2>
      <Unwritten campaign={campaign} />
      {campaign.send_rule === 'pre_approved' ? (
        <p className="muted">Once a person approves a template, its messages send without review.</p>
      ) : null}
      <StepsView
        steps={contentOf(campaign.steps)}
        below={(_, at) => {
          const step = campaign.steps[at];
          return step === undefined ? null : <Template campaign={campaign} step={step} />;
        }}
      />
    </section>
  );
}

function Template({ campaign, step }: { campaign: Campaign; step: Step }) {
  const is_pre_approved = campaign.send_rule === 'pre_approved';
  if (step.template === null) return null;
  return (
    <details>
      <summary>
        Template
        {is_pre_approved ? (
          <>
            {' '}
            <span className={step.template_approved ? 'badge' : 'badge badge_strong'}>
              {step.template_approved ? 'Approved' : 'Not approved'}
            </span>
          </>
        ) : null}
      </summary>
      <div className="template">
        {step.template.subject && <p className="template_subject">{step.template.subject}</p>}
        <p className="cadence_text">{step.template.body}</p>
      </div>
      {is_pre_approved && !step.template_approved ? (
        <ApproveTemplate campaign={campaign} step={step} />
      ) : null}
    </details>
  );
}

function ApproveTemplate({ campaign: { slug }, step }: { campaign: Campaign; step: Step }) {
  const me = useMe();
  const approving = useMutation({
    mutationFn: () => approveTemplate(slug, step),
    onSuccess: () =>
      announce(`Approved the template of step ${step.step_number}. Its messages need no review.`),
    onSettled: () => cache.invalidateQueries({ queryKey: ['campaigns'] }),
  });
  if (!me?.roles.some((role) => TEMPLATE_APPROVERS.includes(role))) return null;
  return (
    <>
      <div className="actions">
        <ActionButton
          type="button"
          className="primary"
          is_busy={approving.isPending}
          onClick={() => approving.mutate()}
        >
          Approve template
        </ActionButton>
      </div>
      {isRefusal(approving.error, 'draft_changed') ? (
        <p className="notice notice_bad" role="alert">
          Not approved: the template changed after you opened it. Review this version.
        </p>
      ) : (
        <Failure error={approving.error} />
      )}
    </>
  );
}

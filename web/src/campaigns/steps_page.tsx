import './campaigns.css';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type KeyboardEvent, useRef, useState } from 'react';
import { cache } from '../api/cache.ts';
import { faultsOf, faultsWithin } from '../api/faults.ts';
import { isRefusal } from '../api/refusal.ts';
import { useMe, useNow } from '../sessions/me.ts';
import { fieldsOf, type StepFields, stepFaults, stepsOf } from '../steps/step.ts';
import { StepRows } from '../steps/step_rows.tsx';
import { stepWords } from '../steps/words.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { ConfirmDialog } from '../ui/confirm_dialog.tsx';
import { Empty } from '../ui/empty.tsx';
import { Failure } from '../ui/failure.tsx';
import { Link } from '../ui/link.tsx';
import { go } from '../ui/route.ts';
import { useTitle } from '../ui/title.ts';
import { focusFault, useUnsavedGuard } from '../ui/unsaved_guard.ts';
import { contentOf, fetchCampaign, putSteps, type ReadCampaign } from './campaign.ts';
import { canPlan } from './campaigns_page.tsx';
import { DefinitionFailure } from './definition_failure.tsx';
import { useCampaign, useFunnel } from './use_campaigns.ts';

/** Edits the steps of a campaign. */
export function StepsPage({ slug }: { slug: string }) {
  const read = useCampaign(slug);
  const me = useMe();
  useTitle(read.data === undefined ? 'Steps' : `Steps of ${read.data.campaign.name}`);
  const may_edit = me === undefined || canPlan(me.roles);
  return (
    <div className="page">
      <p className="crumbs">
        <Link to={`/campaigns/${slug}`}>‹ The campaign</Link>
      </p>
      <Failure error={read.error} />
      {read.data === undefined ? <h1 className="muted">Steps</h1> : null}
      {read.data !== undefined && (!may_edit || read.data.campaign.play_id !== null) ? (
        <>
          <h1>Steps of {read.data.campaign.name}</h1>
          <Empty title="You cannot change these steps">
            <p>
              {may_edit
                ? 'This campaign runs a play, which defines its steps.'
                : 'RevOps and admins can change campaigns.'}
            </p>
          </Empty>
        </>
      ) : read.data !== undefined ? (
        <StepsEditor key={slug} latest={read.data} />
      ) : null}
    </div>
  );
}

function StepsEditor({ latest }: { latest: ReadCampaign }) {
  const { slug } = latest.campaign;
  const [base, setBase] = useState(latest);
  const [steps, setSteps] = useState<readonly StepFields[]>(() => fieldsOf(contentOf(latest.campaign.steps)));
  const [is_replaced, setReplaced] = useState(false);
  const [is_tried, setTried] = useState(false);
  const [is_asking, setAsking] = useState(false);
  const element = useRef<HTMLFormElement>(null);
  const is_changed =
    JSON.stringify(stepsOf(steps)) !== JSON.stringify(stepsOf(fieldsOf(contentOf(base.campaign.steps))));
  useUnsavedGuard(is_changed);
  const leave = () => go(`/campaigns/${slug}`);
  const saving = useMutation({
    mutationFn: () => putSteps(slug, base.version, stepsOf(steps)),
    onSuccess: () => {
      cache.invalidateQueries({ queryKey: ['campaigns'] });
      announce('Saved. Enrolled leads continue with these steps.');
      leave();
    },
    onError: async (error) => {
      if (!isRefusal(error, 'version_changed')) return focusFault(element.current);
      setBase(await fetchCampaign(slug));
      setReplaced(true);
      window.scrollTo(0, 0);
    },
  });
  const own_faults = is_tried ? stepFaults(steps) : new Map<string, string>();
  const faults = new Map([...faultsWithin(faultsOf(saving.error), 'steps'), ...own_faults]);
  const save = (event: FormEvent | KeyboardEvent) => {
    event.preventDefault();
    setTried(true);
    if (saving.isPending) return;
    if (stepFaults(steps).size > 0) focusFault(element.current);
    else if (is_changed) saving.mutate();
    else leave();
  };
  return (
    <form
      ref={element}
      className="campaign_form"
      noValidate
      onSubmit={save}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) save(event);
      }}
    >
      <h1>Steps of {base.campaign.name}</h1>
      {is_replaced ? <Replaced campaign={base.campaign} /> : null}
      <Consequences before={base.campaign} steps={steps} />
      <StepRows steps={steps} faults={faults} onChange={setSteps} />
      <DefinitionFailure
        error={isRefusal(saving.error, 'version_changed') ? null : saving.error}
        fields={['steps']}
      />
      <div className="actions form_end">
        <ActionButton type="submit" className="primary" is_busy={saving.isPending}>
          Save steps <kbd className="key">Ctrl Enter</kbd>
        </ActionButton>
        <button type="button" onClick={() => (is_changed ? setAsking(true) : leave())}>
          Cancel
        </button>
      </div>
      {is_asking ? (
        <ConfirmDialog
          title="Discard your changes?"
          action="Discard"
          otherwise="Keep editing"
          onConfirm={leave}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </form>
  );
}

type Campaign = ReadCampaign['campaign'];

function Replaced({ campaign }: { campaign: Campaign }) {
  return (
    <div className="notice notice_bad" role="alert">
      <p>
        Not saved: someone else changed this campaign while you were editing. Your edits are kept. Saving
        again replaces these current steps:
      </p>
      <ol>
        {contentOf(campaign.steps).map((step, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a step has no name but its place
          <li key={at}>
            {stepWords(step)}: {step.template_instructions}
          </li>
        ))}
      </ol>
    </div>
  );
}

/** Effect of the new steps on enrolled leads, shown before saving. */
function Consequences({ before, steps }: { before: Campaign; steps: readonly StepFields[] }) {
  const now_ms = useNow();
  const funnel = useFunnel(before.slug, 1, now_ms);
  const standing = funnel.data?.items ?? [];
  const count = (fits: (step_number: number) => boolean) =>
    standing.filter(({ step_number }) => fits(step_number)).reduce((sum, { open_now }) => sum + open_now, 0);
  const inside = count(() => true);
  const cut_off = count((step_number) => step_number > steps.length);
  const changed = stepsOf(steps).flatMap(({ template }, at) => {
    const old = before.steps[at];
    const is_same = old?.template?.body === template?.body && old?.template?.subject === template?.subject;
    return before.send_rule !== 'pre_approved' || is_same ? [] : [at + 1];
  });
  return (
    <div className="notice" role="status">
      <p>
        {inside === 0
          ? 'No leads are enrolled.'
          : `${leads(inside)} enrolled and will continue with these steps. Existing drafts keep their text.`}
      </p>
      {cut_off === 0 ? null : (
        <p>
          <strong>
            {leads(cut_off)} at a removed step with no steps left.{' '}
            {cut_off === 1 ? 'Its enrollment ends' : 'Their enrollments end'} with no reply.
          </strong>
        </p>
      )}
      {changed.length === 0 ? null : (
        <p>
          Approve the {changed.length === 1 ? 'template of step' : 'templates of steps'} {changed.join(', ')}{' '}
          again before {changed.length === 1 ? 'its' : 'their'} messages can send.
        </p>
      )}
    </div>
  );
}

function leads(count: number): string {
  return count === 1 ? '1 lead is' : `${count.toLocaleString('en')} leads are`;
}

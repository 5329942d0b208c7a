import { useState } from 'react';
import { useNow } from '../sessions/me.ts';
import { CONTENT_WORDS } from '../steps/words.ts';
import { Failure } from '../ui/failure.tsx';
import type { Campaign, FunnelStep } from './campaign.ts';
import { useFunnel } from './use_campaigns.ts';
import { exitWords } from './words.ts';

const PERIODS = [7, 30, 90] as const;

type Figures = Pick<FunnelStep, 'due' | 'sent' | 'replied' | 'exited' | 'held_now' | 'open_now' | 'exits'>;

const NONE: Figures = { due: 0, sent: 0, replied: 0, exited: 0, held_now: 0, open_now: 0, exits: [] };

/** Enrollments by step reached. */
export function CampaignFunnel({ campaign }: { campaign: Campaign }) {
  const [days, setDays] = useState<number>(30);
  const now_ms = useNow();
  const funnel = useFunnel(campaign.slug, days, now_ms);
  const rows = campaign.steps.map(({ step_number, content_type, delay_days }) => ({
    step_number,
    label: CONTENT_WORDS[content_type],
    delay_days,
    figures: funnel.data?.items.find((one) => one.step_number === step_number) ?? NONE,
  }));
  const most = Math.max(1, ...rows.map(({ figures }) => figures.due));
  const exits = exitsOf(funnel.data?.items ?? []);
  return (
    <section>
      <div className="section_head">
        <h2>Funnel</h2>
        <select aria-label="Period" value={days} onChange={(event) => setDays(Number(event.target.value))}>
          {PERIODS.map((period) => (
            <option key={period} value={period}>
              Last {period} days
            </option>
          ))}
        </select>
      </div>
      <Failure error={funnel.error} />
      <table className="funnel" aria-busy={funnel.isPending}>
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col" className="funnel_bar">
              <span className="unseen">Bar</span>
            </th>
            <th scope="col">Reached</th>
            <th scope="col">Sent</th>
            <th scope="col">Replied</th>
            <th scope="col">Ended</th>
            <th scope="col">Held now</th>
            <th scope="col">Open now</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ step_number, label, delay_days, figures }) => (
            <tr key={step_number}>
              <th scope="row">
                {step_number}. {label} <span className="muted">day {delay_days}</span>
              </th>
              <td className="funnel_bar">
                <StepBar figures={figures} most={most} />
              </td>
              <Figure value={figures.due} is_known={funnel.data !== undefined} />
              <Figure value={figures.sent} is_known={funnel.data !== undefined} />
              <Figure value={figures.replied} is_known={funnel.data !== undefined} />
              <Figure value={figures.exited} is_known={funnel.data !== undefined} />
              <Figure value={figures.held_now} is_known={funnel.data !== undefined} />
              <Figure value={figures.open_now} is_known={funnel.data !== undefined} />
            </tr>
          ))}
        </tbody>
      </table>
      {exits.length === 0 ? null : (
        <p className="muted">
          Ended in this period:{' '}
          {exits.map(([reason, count]) => `${exitWords(reason)} ${count.toLocaleString('en')}`).join(' · ')}
        </p>
      )}
    </section>
  );
}

function Figure({ value, is_known }: { value: number; is_known: boolean }) {
  if (!is_known) return <td className="muted">…</td>;
  return <td className={value === 0 ? 'muted' : undefined}>{value.toLocaleString('en')}</td>;
}

/** Enrollments that reached the step, and the part whose touch was sent. The figures beside the bar say the same. */
function StepBar({ figures: { due, sent }, most }: { figures: Figures; most: number }) {
  return (
    <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      <rect className="bar_track" width={(due / most) * 100} height="10" />
      <rect className="bar_fill" width={(Math.min(sent, due) / most) * 100} height="10" />
    </svg>
  );
}

/** Exit reasons with counts, most frequent first. */
function exitsOf(steps: readonly FunnelStep[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const { reason, count } of steps.flatMap(({ exits }) => exits))
    counts.set(reason, (counts.get(reason) ?? 0) + count);
  return [...counts].sort(([, one], [, other]) => other - one);
}

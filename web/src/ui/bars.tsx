export type Bar = {
  label: string;
  value: number;
  /** What stands behind the bar; default: the figure. */
  text?: string;
  /** Drawn with stripes as well as in another colour. */
  kind?: 'good' | 'wait' | 'bad' | undefined;
};

/** Figures beside one another as bars of one scale. Everything that is drawn also stands there as text. */
export function Bars({ label, bars, max }: { label: string; bars: readonly Bar[]; max?: number }) {
  const most = max ?? Math.max(1, ...bars.map(({ value }) => value));
  return (
    <ul className="bars" aria-label={label}>
      {bars.map((bar) => (
        <li key={bar.label} className="bar">
          <span className="bar_label">{bar.label}</span>
          <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
            <rect className="bar_track" width="100" height="8" />
            <rect
              className="bar_fill"
              data-kind={bar.kind}
              width={most === 0 ? 0 : Math.min(100, (bar.value / most) * 100)}
              height="8"
            />
          </svg>
          <span className="bar_figure">{bar.text ?? bar.value}</span>
        </li>
      ))}
    </ul>
  );
}

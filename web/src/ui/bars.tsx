export type Bar = {
  label: string;
  value: number;
  /** The text after the bar; default: the value. */
  text?: string;
  /** Adds stripes to the color. */
  kind?: 'good' | 'wait' | 'bad' | undefined;
};

/** A bar chart with one scale. The text shows every value too. */
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

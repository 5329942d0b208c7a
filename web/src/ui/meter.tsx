type MeterProps = {
  label: string;
  value: number;
  max: number;
  /** The value from which it counts as full; default `max`. */
  full_at?: number;
};

/** Shows a value against its maximum, as a bar and in figures. */
export function Meter({ label, value, max, full_at = max }: MeterProps) {
  const share = max === 0 ? 1 : Math.min(1, value / max);
  return (
    <div className="meter" data-full={value >= full_at}>
      <span className="meter_label">{label}</span>
      <span className="meter_figures">
        {value} of {max}
      </span>
      <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        <rect className="meter_track" width="100" height="6" />
        <rect className="meter_fill" width={share * 100} height="6" />
      </svg>
    </div>
  );
}

/** The counts of an import. The rows left out follow in a list of their own. */
export type ImportReport = {
  dry_run: boolean;
  rows_read: number;
  created_count: number;
  updated_count: number;
  unchanged_count: number;
  skipped_count: number;
  ignored_columns: readonly string[];
};

/** One sentence with every count, then the unused columns and how to use one. */
export function importText(report: ImportReport): string {
  const { ignored_columns: ignored } = report;
  const told = report.dry_run ? dryRunText(report) : doneText(report);
  if (ignored.length === 0) return told;
  const example = `--map first_name=${quotedForShell(ignored[0]!)}`;
  return `${told}\nNot used: ${ignored.join(', ')} (${example} uses one)`;
}

function doneText({ rows_read, created_count, updated_count, unchanged_count, skipped_count }: ImportReport) {
  return (
    `${rows(rows_read)}: ${count(created_count)} created, ${count(updated_count)} updated, ` +
    `${count(unchanged_count)} unchanged, ${count(skipped_count)} left out.`
  );
}

function dryRunText({ created_count, updated_count, unchanged_count, skipped_count }: ImportReport) {
  const leads = created_count === 1 ? '1 lead' : `${count(created_count)} leads`;
  return (
    `Dry run: ${leads} would be created, ${count(updated_count)} updated, ${count(unchanged_count)} unchanged, ` +
    `${rows(skipped_count)} left out. Nothing was changed; run it without --dry-run.`
  );
}

function rows(many: number): string {
  return many === 1 ? '1 row' : `${count(many)} rows`;
}

function count(many: number): string {
  return many.toLocaleString('en-US');
}

/** A header such as `First name` needs quotes in a shell. */
function quotedForShell(header: string): string {
  return /^[\p{L}\p{N}_.-]+$/u.test(header) ? header : `'${header.replaceAll("'", "'\\''")}'`;
}

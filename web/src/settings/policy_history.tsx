import { api, read } from '../api/client.ts';
import { usePages } from '../api/pages.ts';
import { Failure } from '../ui/failure.tsx';
import { More } from '../ui/more.tsx';
import { Time } from '../ui/time.tsx';
import { changedPaths, type Document, valueAt } from './policy_form.ts';
import { pathWords, valueWords } from './policy_words.ts';
import { REFRESH_MS } from './use_settings.ts';

/** Every published version with its changes, author, and reason. */
export function PolicyHistory({ paths }: { paths: readonly string[] }) {
  const pages = usePages(
    ['settings', 'policy', 'versions'],
    (cursor) =>
      read(api.GET('/policy/versions', { params: { query: cursor === undefined ? {} : { cursor } } })),
    REFRESH_MS,
  );
  return (
    <section className="policy_section">
      <h2>Versions</h2>
      <Failure error={pages.error} />
      <ol className="policy_versions">
        {pages.items.map((version, at) => {
          const before = pages.items[at + 1]?.document;
          const changed =
            before === undefined ? [] : changedPaths(before as Document, version.document as Document, paths);
          return (
            <li key={version.version}>
              <p>
                <strong>Version {version.version}</strong>{' '}
                <span className="muted">
                  <Time iso={version.created_at} />, {version.created_by ?? 'setup'}
                </span>
              </p>
              {version.note === null ? null : <p>{version.note}</p>}
              {changed.length === 0 ? null : (
                <ul className="policy_changes">
                  {changed.map((path) => (
                    <li key={path}>
                      {pathWords(path)}: <s>{valueWords(path, valueAt(before, path))}</s>{' '}
                      <strong>{valueWords(path, valueAt(version.document, path))}</strong>
                    </li>
                  ))}
                </ul>
              )}
            </li>
          );
        })}
      </ol>
      <More pages={pages} />
    </section>
  );
}

import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take minutes: started last, each would run alone at the end. A fresh clone knows sizes, not times. */
const LONGEST = [
  'test/e2e/pages.test.ts',
  'test/clusters/documents.test.ts',
  'test/process/crash.test.ts',
  'test/process/lifecycle.test.ts',
  'test/clusters/logins.test.ts',
  'test/faults/bombs.test.ts',
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rank = ({ moduleId }: TestSpecification) => {
      const at = LONGEST.findIndex((path) => moduleId.endsWith(path));
      return at === -1 ? LONGEST.length : at;
    };
    return sorted.toSorted((a, b) => rank(a) - rank(b));
  }
}

import { checkDocument } from './check.ts';
import type { Templates } from './port.ts';
import { readYaml } from './yaml.ts';

/** The same without a thread and a time limit: for the files that ship with the product. */
export const inThisThread: Pick<Templates, 'check' | 'readYaml'> = {
  check: async (document) => checkDocument(document, () => {}),
  readYaml: async (text) => readYaml(text),
};

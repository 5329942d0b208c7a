import { createRequire, registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

/* dependency-cruiser reads TypeScript through the compiler's JavaScript interface, which version 7 lacks. Loaded with
   --import, this file provides version 5, which the workspace `tools` has for the same reason. */
const own = createRequire(import.meta.url);
const files = new Map(
  ['typescript', 'typescript/package.json'].map((name) => [name, pathToFileURL(own.resolve(name)).href]),
);

registerHooks({
  resolve(specifier, context, next) {
    const url = files.get(specifier);
    return url === undefined ? next(specifier, context) : { url, shortCircuit: true };
  },
});

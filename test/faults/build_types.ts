/** One text in one source file of the product, and its replacement. `file` is relative to the root. */
export type Mutation = { file: string; from: string; to: string };

/** A product with one deliberate fault, which a fault test must notice. */
export type BrokenBuild = {
  name: string;
  breaks: string;
  sources: readonly Mutation[];
  /** Runs as the schema's owner on the test's database before any process starts. */
  sql?: readonly string[];
};

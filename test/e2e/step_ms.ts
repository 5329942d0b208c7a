/** A step that takes longer hangs. Steps take seconds alone, and many times that beside other tests on a slow machine. */
export const STEP_MS = 120_000;

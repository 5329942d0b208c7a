/** The 97.5% point of the standard normal distribution. */
const Z = 1.959963984540054;

/**
 * The 97.5% point of Student's t distribution: half the width of a 95% interval in standard errors. Cornish and Fisher's expansion,
 * within 0.001 from 5 degrees of freedom on. Source: Abramowitz and Stegun, 26.7.5.
 */
export function studentT975(degrees_of_freedom: number): number {
  const n = degrees_of_freedom;
  const z2 = Z * Z;
  const first = (Z * (z2 + 1)) / 4;
  const second = (Z * (5 * z2 * z2 + 16 * z2 + 3)) / 96;
  const third = (Z * (3 * z2 ** 3 + 19 * z2 * z2 + 17 * z2 - 15)) / 384;
  const fourth = (Z * (79 * z2 ** 4 + 776 * z2 ** 3 + 1482 * z2 * z2 - 1920 * z2 - 945)) / 92_160;
  return Z + first / n + second / n ** 2 + third / n ** 3 + fourth / n ** 4;
}

/** The line of a note or task that contains its reference. */
export function referenceLine(reference: string): string {
  return `Touchline reference: ${reference}`;
}

/** Whether a text contains this line. One reference may be the beginning of another. */
export function hasLine(text: string, line: string): boolean {
  return text.split(line).some((rest, index) => index > 0 && !/^[\w-]/.test(rest));
}

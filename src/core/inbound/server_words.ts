/** The part of a report that its server wrote, and what it says about one address. */

/** The beginning of the returned message: the text after it is not the server's. */
const COPY =
  /below this line is a copy of the message|this is a copy of (?:the|your) message|original message (?:headers )?follows|(?:^|\n)[-_= ]{0,60}(?:original message|message header|unsent message below|returned message|ursprüngliche nachricht|original-nachricht|transcript of session|header der ursprünglichen nachricht|original message headers)[-_= :]{0,60}\n|\n(?:received|return-path): |\n(?:from: [^\n]{1,300}\n(?:to|subject|date|sent): )/;

const MAX_READ = 30_000;
const ABOUT_MAX = 1_500;

/** In lower case, without the returned message. */
export function ownWords(text: string): string {
  const words = text.slice(0, MAX_READ).toLowerCase();
  // If a transcript or a copy begins at once, the whole text is read.
  const copy = words.search(COPY);
  return copy > 60 ? words.slice(0, copy) : words;
}

/** The text about an address: from the address to the next one that failed, or else to the end of the next paragraphs. */
export function aboutAddress(own: string, address: string, others: readonly string[] = []): string {
  const at = own.indexOf(address);
  if (at < 0) return own.slice(0, ABOUT_MAX);
  const ends = others.map((other) => own.indexOf(other, at + address.length)).filter((end) => end > at);
  const nearby = own.slice(at, Math.min(at + ABOUT_MAX, ...ends));
  const last = Math.max(0, own.lastIndexOf(address));
  return /[45]\d\d|[45]\.\d/.test(nearby) ? nearby : own.slice(0, last + ABOUT_MAX);
}

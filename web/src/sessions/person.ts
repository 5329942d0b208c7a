/** What belongs to the person who is signed in, outside of what was read from the server: how to forget it. */
const forgetters = new Set<() => void>();

let known: string | null = null;
let turn = 0;

export function onOtherPerson(forget: () => void): void {
  forgetters.add(forget);
}

/** Who the server says is signed in; true where that is somebody else than before, whose things are forgotten now. */
export function notePerson(person: string): boolean {
  const is_other = known !== null && known !== person;
  if (is_other) forgetPerson();
  known = person;
  return is_other;
}

/** Nothing of theirs is shown to whoever comes next. */
export function forgetPerson(): void {
  known = null;
  turn += 1;
  for (const forget of forgetters) forget();
}

/** Another number for each person after the other: an answer that is for the one before is told to nobody. */
export function personTurn(): number {
  return turn;
}

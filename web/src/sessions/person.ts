/** Callbacks that clear local data of the signed-in user. */
const forgetters = new Set<() => void>();

let known: string | null = null;
let turn = 0;

export function onOtherPerson(forget: () => void): void {
  forgetters.add(forget);
}

/** Records the signed-in user. Returns true and clears local data if another user was signed in before. */
export function notePerson(person: string): boolean {
  const is_other = known !== null && known !== person;
  if (is_other) forgetPerson();
  known = person;
  return is_other;
}

/** Clears local data, so that the next user cannot see them. */
export function forgetPerson(): void {
  known = null;
  turn += 1;
  for (const forget of forgetters) forget();
}

/** A number that changes with each user: responses for a previous user are dropped. */
export function personTurn(): number {
  return turn;
}

/** Names the owner of a lead in a line of its facts; nothing without an owner. */
export function OwnerOf({ name }: { name: string | null }) {
  if (name === null) return null;
  return (
    <span className="muted">
      Owner: <bdi>{name}</bdi>
    </span>
  );
}

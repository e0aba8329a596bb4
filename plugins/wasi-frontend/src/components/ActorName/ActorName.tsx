/** Who did something: users by their names, everybody else as they are known. */
export function ActorName(props: { actor: string }) {
  return <span title={props.actor}>{nameOf(props.actor)}</span>;
}

/** The name of a user without what is the same for all. */
export function nameOf(actor: string): string {
  return actor.replace(/^user:(default\/)?/, '');
}

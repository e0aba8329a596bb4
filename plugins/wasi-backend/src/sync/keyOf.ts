/** Names one environment of one entity. @internal */
export function keyOf(entity: string, environment: string): string {
  return `${entity} ${environment}`;
}

import type { FuncConfig } from '../funcYaml';
/** The image that a func.yaml names. @public */
export function moduleImage(
  config: FuncConfig,
  options: { tag?: string } = {},
): string {
  return (
    config.image ??
    `${config.registry}/${config.name}:${options.tag ?? 'latest'}`
  );
}

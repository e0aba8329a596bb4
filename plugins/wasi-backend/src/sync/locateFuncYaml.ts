import {
  ANNOTATION_LOCATION,
  parseLocationRef,
  stringifyEntityRef,
  type Entity,
} from '@backstage/catalog-model';
import type { ScmIntegrationRegistry } from '@backstage/integration';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';

/**
 * What stands in front of a file's path in addresses of each git host: owner,
 * repository and branch.
 */
const IN_REPOSITORY: Record<string, RegExp> = {
  bitbucketCloud: /^\/[^/]+\/[^/]+\/src\/[^/]+\//,
  bitbucketServer: /^(\/[^/]+)*\/projects\/[^/]+\/repos\/[^/]+\/browse\//,
  gitea: /^(\/[^/]+)*\/[^/]+\/[^/]+\/(src|raw)\/(branch|commit|tag)\/[^/]+\//,
  github: /^\/[^/]+\/[^/]+\/(blob|tree|edit|raw)\/[^/]+\//,
  gitlab: /^(\/[^/]+){2,}?\/(-\/)?(blob|tree|raw)\/[^/]+\//,
};

/**
 * The address of an entity's func.yaml, in the repository that the entity was
 * read from.
 *
 * The path was written by whoever writes catalog-info.yaml, and is read with
 * the portal's account: it must not lead to another repository, branch or host.
 *
 * @throws WasiError SYNC_SOURCE_REFUSED
 * @internal
 */
export function locateFuncYaml(
  entity: Entity,
  path: string,
  integrations: ScmIntegrationRegistry,
): string {
  // Set by the catalog itself, over what the file says.
  const location = entity.metadata.annotations?.[ANNOTATION_LOCATION];
  const { type: readFrom, target } = location
    ? parseLocationRef(location)
    : { type: '', target: '' };
  if (readFrom !== 'url' || !/^https?:/.test(target) || !URL.canParse(target)) {
    throw refused(
      entity,
      `its catalog-info.yaml was not read from a git host but from ${
        location ?? 'an unknown place'
      }`,
    );
  }
  const base = new URL(target);
  if (base.search) {
    throw refused(entity, `addresses such as ${base.href} are not understood`);
  }
  // Not by the integration, which makes `tree` of `blob`.
  const source = new URL(path, base);
  const type = integrations.byUrl(base)?.type ?? '';
  const [prefix] = IN_REPOSITORY[type]?.exec(base.pathname) ?? [
    // Of a host whose addresses are not known, nothing above the file's own folder.
    base.pathname.replace(/[^/]*$/, ''),
  ];
  if (source.origin !== base.origin || !source.pathname.startsWith(prefix)) {
    throw refused(entity, `"${path}" leads out of ${base.origin}${prefix}`);
  }
  return source.href;
}

function refused(entity: Entity, why: string): WasiError {
  return new WasiError('SYNC_SOURCE_REFUSED', {
    message: `func.yaml of ${stringifyEntityRef(entity)} is not read: ${why}.`,
  });
}

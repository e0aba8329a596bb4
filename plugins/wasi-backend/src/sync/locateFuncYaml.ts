import {
  ANNOTATION_LOCATION,
  parseLocationRef,
  stringifyEntityRef,
  type Entity,
} from '@backstage/catalog-model';
import type { ScmIntegrationRegistry } from '@backstage/integration';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import type { Branches } from './Branches';

/**
 * What stands in front of a file's path in addresses of git hosts that are not
 * asked: owner, repository and branch, whose slashes are encoded there.
 */
const IN_REPOSITORY: Record<string, RegExp> = {
  bitbucketCloud: /^\/[^/]+\/[^/]+\/src\/[^/]+\//,
  bitbucketServer: /^(\/[^/]+)*\/projects\/[^/]+\/repos\/[^/]+\/browse\//,
  gitea: /^(\/[^/]+)*\/[^/]+\/[^/]+\/(src|raw)\/(branch|commit|tag)\/[^/]+\//,
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
export async function locateFuncYaml(options: {
  entity: Entity;
  path: string;
  integrations: ScmIntegrationRegistry;
  branches: Branches;
  signal: AbortSignal;
}): Promise<string> {
  const { entity, path, integrations, branches, signal } = options;
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
  const folder = new URL('.', base).href;
  if (source.href.startsWith(folder)) {
    // Whatever its branch is.
    return source.href;
  }
  const type = integrations.byUrl(base)?.type ?? '';
  const [inRepository] = IN_REPOSITORY[type]?.exec(base.pathname) ?? [];
  const prefix =
    (await branches.of(base.href, signal))?.prefix ??
    // Of a host whose addresses are not known, nothing above the file's own folder.
    (inRepository ? `${base.origin}${inRepository}` : folder);
  if (!source.href.startsWith(prefix)) {
    throw refused(entity, `"${path}" leads out of ${prefix}`);
  }
  return source.href;
}

function refused(entity: Entity, why: string): WasiError {
  return new WasiError('SYNC_SOURCE_REFUSED', {
    message: `func.yaml of ${stringifyEntityRef(entity)} is not read: ${why}.`,
  });
}

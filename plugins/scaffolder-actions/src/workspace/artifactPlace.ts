import {
  formatImageReference,
  parseImageReference,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import {
  resolveInWorkspace,
  type ArtifactLayout,
  type ArtifactPlace,
  type ArtifactTarget,
} from '@wasi-functions/backstage-plugin-wasi-node';

const LAYOUT =
  /^(oci|oci-archive):(?!\/\/)([^:@]+)(?::([^@]+)|@(sha256:[a-f0-9]{64}))?$/;
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.\-/:+]{0,254}$/;

/**
 * Reads where an artifact is: `registry/repository:tag`, or, in the workspace,
 * `oci:folder:tag` and `oci-archive:file.tar:tag`, as skopeo spells them.
 *
 * @throws WasiError IMAGE_REFERENCE_INVALID, SOURCE_PATH_ESCAPES
 * @internal
 */
export function readArtifactPlace(
  workspacePath: string,
  text: string,
): ArtifactTarget {
  if (!/^oci(-archive)?:(?!\/\/)/.test(text)) {
    return formatImageReference(parseImageReference(text));
  }
  return readLayout(workspacePath, text);
}

/**
 * Reads where to take an artifact from. Of a registry only what everybody may read:
 * the account of the portal may read more than the person at the form. A template
 * that fixes the image itself may lend that account.
 *
 * @throws WasiError IMAGE_REFERENCE_INVALID, SOURCE_PATH_ESCAPES
 * @internal
 */
export function readSource(
  workspacePath: string,
  options: { image: string; withAccount?: boolean },
): ArtifactPlace {
  const place = readArtifactPlace(workspacePath, options.image);
  return typeof place === 'string' && !options.withAccount
    ? { image: place }
    : place;
}

function readLayout(workspacePath: string, text: string): ArtifactLayout {
  const [, scheme, path, tag, digest] = LAYOUT.exec(text) ?? [];
  if (path === undefined || (tag !== undefined && !NAME.test(tag))) {
    throw new WasiError('IMAGE_REFERENCE_INVALID', {
      message: `${JSON.stringify(text.slice(0, 200))} names no OCI layout`,
      remedy: 'Write it as oci:folder:tag or oci-archive:file.tar:tag.',
    });
  }
  return {
    kind: scheme === 'oci' ? 'folder' : 'archive',
    path: resolveInWorkspace(workspacePath, path),
    name: `${scheme}:${path}`,
    reference: tag ?? digest,
  };
}

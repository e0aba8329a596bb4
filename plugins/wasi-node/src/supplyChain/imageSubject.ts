import {
  parseImageReference,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { canonicalHost } from '../registry/registryTarget';
import type { StatementSubject } from './signing/statement';

/**
 * What statements call an image.
 *
 * @throws WasiError `IMAGE_REFERENCE_INVALID`, also for an image without digest.
 */
export function imageSubject(image: string): StatementSubject {
  const { host, repository, digest } = parseImageReference(image);
  if (digest === undefined) {
    throw new WasiError('IMAGE_REFERENCE_INVALID', {
      message: `${image} names no digest; what is said of a tag would be said of another image tomorrow`,
      remedy: 'Write the image as registry/repository@sha256:digest.',
    });
  }
  return { repository: `${canonicalHost(host)}/${repository}`, digest };
}

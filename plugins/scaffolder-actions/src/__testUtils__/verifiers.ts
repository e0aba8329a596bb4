import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import {
  createImageVerifier,
  type ImageVerifier,
} from '@wasi-functions/backstage-plugin-wasi-node';

/** As where `wasi.verification` is not configured. */
export const verifierThatIsOff = createImageVerifier({
  referrers: {
    async list() {
      throw new Error('nothing is to be asked');
    },
    async fetch() {
      throw new Error('nothing is to be asked');
    },
  },
});

/** Trusts no image. */
export function createFakeVerifier(
  policy: 'warn' | 'enforce',
): ImageVerifier & { asked: string[] } {
  const asked: string[] = [];
  return {
    policy,
    asked,
    async verify(image) {
      asked.push(image);
      const message = `${image} is not signed.`;
      const error = new WasiError('IMAGE_NOT_SIGNED', { message });
      if (policy === 'enforce') {
        throw error;
      }
      const { code, remedy } = error;
      return [{ code, severity: 'warning', message, remedy }];
    },
  };
}

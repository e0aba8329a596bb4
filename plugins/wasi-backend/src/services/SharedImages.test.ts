import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import type {
  ArtifactManifest,
  PublicImages,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { SharedImages } from './SharedImages';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const PINNED = `ghcr.io/acme/pay@${DIGEST}`;
const MINUTE = 60_000;

describe('images that many ask for', () => {
  let now: number;
  let asked: string[];
  let answer: () => Promise<unknown>;
  let images: SharedImages;

  beforeEach(() => {
    now = 0;
    asked = [];
    answer = async () => ({ size: 1 });
    const registry = {
      describe: async (reference: string) => {
        asked.push(`describe ${reference}`);
        return { image: PINNED, digest: DIGEST, layers: [] };
      },
      inspect: async (image: string) => {
        asked.push(`inspect ${image}`);
        return answer();
      },
    } as unknown as PublicImages;
    images = new SharedImages({ images: registry, now: () => now });
  });

  it('are asked for by digest once in a while, since who may pull them can change', async () => {
    await images.describe(PINNED);
    now = 9 * MINUTE;
    await images.describe(PINNED);
    expect(asked).toEqual([`describe ${PINNED}`]);
    now = 11 * MINUTE;
    await images.describe(PINNED);
    expect(asked).toHaveLength(2);
  });

  it('are asked for by tag each time, and known by the digest then', async () => {
    const tag = 'ghcr.io/acme/pay:latest';
    await images.describe(tag);
    await images.describe(tag);
    const found: ArtifactManifest = await images.describe(PINNED);
    expect(found.digest).toBe(DIGEST);
    expect(asked).toEqual([`describe ${tag}`, `describe ${tag}`]);
  });

  it('are pulled once for all who ask at the same time, and afterwards', async () => {
    const found = await Promise.all([
      images.inspect(PINNED),
      images.inspect(PINNED),
    ]);
    expect(found).toEqual([{ size: 1 }, { size: 1 }]);
    await images.inspect(PINNED);
    expect(asked).toEqual([`inspect ${PINNED}`]);
  });

  it('go on being pulled for the next one when who asked waits no longer', async () => {
    let arrive = (_: unknown) => {};
    answer = () =>
      new Promise(resolve => {
        arrive = resolve;
      });
    const gone = new AbortController();
    const first = images.inspect(PINNED, { signal: gone.signal });
    gone.abort(new Error('no patience'));
    await expect(first).rejects.toThrow('no patience');
    arrive({ size: 2 });

    await expect(images.inspect(PINNED)).resolves.toEqual({ size: 2 });
    await expect(images.inspect(PINNED)).resolves.toEqual({ size: 2 });
    expect(asked).toHaveLength(1);
  });

  it('are pulled anew after a failure', async () => {
    answer = async () => {
      throw new WasiError('REGISTRY_UNREACHABLE', { message: 'Gone.' });
    };
    await expect(images.inspect(PINNED)).rejects.toMatchObject({
      code: 'REGISTRY_UNREACHABLE',
    });
    answer = async () => ({ size: 3 });
    await expect(images.inspect(PINNED)).resolves.toEqual({ size: 3 });
  });
});

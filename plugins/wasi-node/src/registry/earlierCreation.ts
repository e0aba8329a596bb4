import { z } from 'zod';
import { getManifest } from './manifests';
import { parseJson } from './parseJson';
import { readBody } from './readBody';
import type { RegistrySession } from './registrySession';

const maxConfigBytes = 1024 * 1024;

const manifestSchema = z.looseObject({
  config: z.looseObject({
    digest: z.string().regex(/^sha256:[a-f0-9]{64}$/),
  }),
  layers: z.array(z.looseObject({ digest: z.string() })).length(1),
});
const configSchema = z.looseObject({
  created: z.iso.datetime().transform(text => new Date(text)),
});

/**
 * When the artifact under a tag was created, if it holds this very module.
 *
 * A module that is pushed again keeps that time: then nothing of its artifact
 * differs, the digest that is deployed included.
 *
 * @returns undefined for an artifact of another module, or of another maker's making
 * @throws RegistryFailure
 */
export async function earlierCreation(
  session: RegistrySession,
  options: { tag: string; layerDigest: string; signal?: AbortSignal },
): Promise<Date | undefined> {
  const { tag, layerDigest, signal } = options;
  const document = await getManifest(session, tag, signal);
  const manifest = manifestSchema.safeParse(parseJson(document.bytes));
  if (!manifest.success || manifest.data.layers[0].digest !== layerDigest) {
    return undefined;
  }
  const response = await session.request({
    to: `blobs/${manifest.data.config.digest}`,
    method: 'GET',
    expect: [200],
    action: 'read',
    carriesBlob: true,
    retry: 'safe',
    signal,
  });
  const config = configSchema.safeParse(
    parseJson(
      await readBody(response, {
        maxBytes: maxConfigBytes,
        what: 'a config',
        signal,
      }),
    ),
  );
  return config.success ? config.data.created : undefined;
}

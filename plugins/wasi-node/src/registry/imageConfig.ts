import { z } from 'zod';
import type { ParsedManifest } from './artifactManifest';
import type { ArtifactStore } from './ArtifactStore';
import { parseJson } from './parseJson';
import { readSmallBlob } from './readSmallBlob';

const words = z.array(z.string()).nullish().catch(undefined);

const configSchema = z.looseObject({
  created: z.iso
    .datetime({ offset: true })
    .transform(text => new Date(text))
    .optional()
    .catch(undefined),
  os: z.string().catch(''),
  architecture: z.string().catch(''),
  variant: z.string().optional().catch(undefined),
  config: z
    .looseObject({
      Entrypoint: words,
      Cmd: words,
      WorkingDir: z.string().optional().catch(undefined),
    })
    .nullish()
    .catch(undefined),
  rootfs: z.looseObject({ diff_ids: words }).nullish().catch(undefined),
});

/** What the config of an image or artifact says, as far as it can be read. */
export type ImageConfig = z.infer<typeof configSchema>;

/**
 * Reads the config that a manifest names.
 *
 * @returns undefined where there is none, or one of another kind
 */
export async function readImageConfig(
  store: ArtifactStore,
  { config }: ParsedManifest,
  signal?: AbortSignal,
): Promise<ImageConfig | undefined> {
  if (!config || config.size === 0) {
    return undefined;
  }
  const parsed = configSchema.safeParse(
    parseJson(await readSmallBlob(store, config, signal)),
  );
  return parsed.success ? parsed.data : undefined;
}

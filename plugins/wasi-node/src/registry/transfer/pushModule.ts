import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import {
  checkArtifactFormat,
  findArtifactFormat,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { ArtifactStore } from '../ArtifactStore';
import { readEarlierContent, type EarlierContent } from '../readEarlierContent';
import type { ComposedArtifact, FormatInput } from '../formats/types';
import { formatWriters } from '../formats/writers';
import { WASM_CONFIG } from '../mediaTypes';
import {
  checkFileSize,
  readFileChunks,
  type InspectedFile,
} from '../readFileChunks';
import type { PushedModule, PushModuleOptions } from '../types';
import { placeInIndex } from './placeInIndex';

/**
 * Stores a module under the tag that the store was opened for; what is there
 * already is not sent again.
 *
 * @param beside - Where the entries of other platforms are, if not at the tag.
 */
export async function pushModule(
  store: ArtifactStore,
  options: PushModuleOptions,
  beside?: ArtifactStore,
): Promise<PushedModule> {
  const { path, inspection, signal, format = 'wasm' } = options;
  const asked = new Date(options.created);
  if (Number.isNaN(asked.getTime())) {
    throw new WasiError('INPUT_INVALID', {
      message: `The time of creation of ${basename(path)} is not a date`,
    });
  }
  const [unfit] = checkArtifactFormat(format, { inspection });
  if (unfit) {
    throw new WasiError(unfit.code, unfit);
  }
  if (beside && !findArtifactFormat(format).keepsOthers) {
    throw new WasiError('INPUT_INVALID', {
      message: `The format ${format} has no place for the platforms of ${beside.name}`,
      remedy: 'Push in the format index, or leave the other image out.',
    });
  }
  const file = { path, digest: inspection.digest, size: inspection.size };
  await checkFileSize(file);

  const tag = store.reference;
  const present = await store.findManifest(tag, signal);
  const scratch = await mkdtemp(join(tmpdir(), 'wasi-push-'));
  try {
    const content = watchFile(file, signal);
    const input: FormatInput = {
      inspection,
      file,
      fileName: fileNameOf(path),
      annotations: options.annotations,
      created: keepCreation(asked, () =>
        present ? readEarlierContent(store, tag, signal) : [],
      ),
      content: content.read,
      scratch,
    };
    const sent = { bytes: 0 };
    const send = async (artifact: ComposedArtifact) => {
      sent.bytes += await sendBlobs(store, artifact, options);
      await content.check();
    };
    const written = await write(format);
    return {
      ...written,
      image: `${store.name}@${written.digest}`,
      format,
      layerDigest: file.digest,
      size: file.size,
      uploadedBytes: sent.bytes,
    };

    async function write(
      name: typeof format,
    ): Promise<Pick<PushedModule, 'digest' | 'runnerImage'>> {
      const writer = formatWriters[name];
      if (writer.kind === 'index') {
        const entries = await writer.compose(input);
        for (const entry of entries) {
          await send(entry);
        }
        const placed = await placeInIndex(store, {
          entries,
          writer,
          isPresent: present !== undefined,
          beside,
          signal,
        });
        sent.bytes += placed.uploadedBytes;
        const bare = entries.find(
          ({ artifactType }) => artifactType === WASM_CONFIG,
        );
        return {
          digest: placed.digest,
          ...(bare && { runnerImage: `${store.name}@${bare.manifest.digest}` }),
        };
      }
      const artifact = await writer.compose(input);
      const { manifest } = artifact;
      await send(artifact);
      if (present?.digest !== manifest.digest) {
        await store.putManifest({ ...manifest, tag, signal });
        sent.bytes += manifest.bytes.length;
      }
      const isPulled = findArtifactFormat(name).consumers.includes(
        'knative-serving-wasm',
      );
      return {
        digest: manifest.digest,
        ...(isPulled && { runnerImage: `${store.name}@${manifest.digest}` }),
      };
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Ends with `.wasm`, which engines look at, and is of plain characters. */
function fileNameOf(path: string): string {
  const name = basename(path);
  return /^[A-Za-z0-9_][A-Za-z0-9._-]{0,80}\.wasm$/.test(name)
    ? name
    : 'module.wasm';
}

/** A file that is read, or, where nobody needed to, checked all the same. */
function watchFile(file: InspectedFile, signal?: AbortSignal) {
  let isChecked = false;
  async function* read(): AsyncGenerator<Uint8Array> {
    yield* readFileChunks(file, signal);
    isChecked = true;
  }
  return {
    read,
    async check() {
      if (isChecked) {
        return;
      }
      for await (const _ of read()) {
        // Nothing to send: only whether it is still the file that was inspected.
      }
    },
  };
}

function keepCreation(
  asked: Date,
  read: () => Promise<EarlierContent[]> | EarlierContent[],
): FormatInput['created'] {
  let earlier: ReturnType<typeof read> | undefined;
  return async content => {
    earlier ??= read();
    const same = (await earlier).find(({ digests }) =>
      digests.includes(content),
    );
    return same?.created ?? asked;
  };
}

async function sendBlobs(
  store: ArtifactStore,
  { blobs }: ComposedArtifact,
  { onProgress, signal }: PushModuleOptions,
): Promise<number> {
  let sent = 0;
  for (const [position, blob] of blobs.entries()) {
    const { content, size } = blob;
    const isModule = position === 0;
    sent += await store.ensureBlob(
      isModule && onProgress
        ? { ...blob, content: () => tell(content(), size, onProgress) }
        : blob,
      { signal },
    );
  }
  return sent;
}

async function* tell(
  content: Uint8Array | AsyncIterable<Uint8Array>,
  totalBytes: number,
  onProgress: NonNullable<PushModuleOptions['onProgress']>,
): AsyncGenerator<Uint8Array> {
  let sentBytes = 0;
  const chunks = content instanceof Uint8Array ? [content] : content;
  for await (const chunk of chunks) {
    yield chunk;
    sentBytes += chunk.length;
    onProgress({ sentBytes, totalBytes });
  }
}

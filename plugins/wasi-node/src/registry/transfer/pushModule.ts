import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import {
  checkArtifactFormat,
  findArtifactFormat,
  WasiError,
  type ArtifactFormatName,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { ArtifactStore } from '../ArtifactStore';
import { readEarlierContent, type EarlierContent } from '../readEarlierContent';
import type {
  ComposedArtifact,
  ComposedEntry,
  FormatInput,
  IndexWriter,
} from '../formats/types';
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
  const asked = checkPush(options, beside);
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
    const writer = formatWriters[format];
    const run = { store, options, present, check: content.check };
    const { digest, runnerDigest, uploadedBytes } =
      writer.kind === 'index'
        ? await sendEntries(await writer.compose(input), {
            ...run,
            writer,
            beside,
          })
        : await sendManifest(await writer.compose(input), { ...run, format });
    return {
      image: `${store.name}@${digest}`,
      digest,
      ...(runnerDigest && { runnerImage: `${store.name}@${runnerDigest}` }),
      format,
      layerDigest: file.digest,
      size: file.size,
      uploadedBytes,
    };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** @returns the time of creation that is asked for */
function checkPush(
  { path, created, inspection, format = 'wasm' }: PushModuleOptions,
  beside: ArtifactStore | undefined,
): Date {
  const asked = new Date(created);
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
  return asked;
}

interface PushRun {
  store: ArtifactStore;
  options: PushModuleOptions;
  /** What the tag names already. */
  present?: { digest?: string };
  /** Whether the file is still what was inspected. */
  check(): Promise<void>;
}

interface SentArtifact {
  digest: string;
  /** Of what knative-serving-wasm can pull. */
  runnerDigest?: string;
  uploadedBytes: number;
}

async function sendManifest(
  artifact: ComposedArtifact,
  run: PushRun & { format: ArtifactFormatName },
): Promise<SentArtifact> {
  const { store, present, options, format } = run;
  const { manifest } = artifact;
  let uploadedBytes = await sendBlobs(artifact, run);
  if (present?.digest !== manifest.digest) {
    await store.putManifest({
      ...manifest,
      tag: store.reference,
      signal: options.signal,
    });
    uploadedBytes += manifest.bytes.length;
  }
  const isPulled = findArtifactFormat(format).consumers.includes(
    'knative-serving-wasm',
  );
  return {
    digest: manifest.digest,
    ...(isPulled && { runnerDigest: manifest.digest }),
    uploadedBytes,
  };
}

async function sendEntries(
  entries: ComposedEntry[],
  run: PushRun & { writer: IndexWriter; beside?: ArtifactStore },
): Promise<SentArtifact> {
  const { store, present, writer, beside, options } = run;
  let uploadedBytes = 0;
  for (const entry of entries) {
    uploadedBytes += await sendBlobs(entry, run);
  }
  const placed = await placeInIndex(store, {
    entries,
    writer,
    isPresent: present !== undefined,
    beside,
    signal: options.signal,
  });
  return {
    digest: placed.digest,
    runnerDigest: entries.find(
      ({ artifactType }) => artifactType === WASM_CONFIG,
    )?.manifest.digest,
    uploadedBytes: uploadedBytes + placed.uploadedBytes,
  };
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
  { blobs }: ComposedArtifact,
  { store, options: { onProgress, signal }, check }: PushRun,
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
  await check();
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

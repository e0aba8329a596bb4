import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { descriptorsSchema, type Descriptor } from '../descriptor';
import { OCI_INDEX } from '../mediaTypes';
import { parseJson } from '../parseJson';
import { archiveInvalid } from '../tar/archiveInvalid';
import { readLayoutFile } from './layoutFiles';

const maxBytes = 4 * 1024 * 1024;
const refName = 'org.opencontainers.image.ref.name';

const indexSchema = z.looseObject({
  schemaVersion: z.literal(2),
  manifests: descriptorsSchema,
});
const versionSchema = z.looseObject({ imageLayoutVersion: z.string() });

/** What a layout holds: https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md */
export interface LayoutIndex {
  entries: Descriptor[];
  /** With fields that we need not understand. */
  rest: Record<string, unknown>;
}

/**
 * Reads `index.json` of a layout.
 *
 * @returns undefined where there is no layout
 * @throws WasiError `ARCHIVE_INVALID`
 */
export async function readLayoutIndex(
  directory: string,
): Promise<LayoutIndex | undefined> {
  const marker = await readLayoutFile(join(directory, 'oci-layout'), maxBytes);
  const bytes = await readLayoutFile(join(directory, 'index.json'), maxBytes);
  if (!marker && !bytes) {
    return undefined;
  }
  const version = versionSchema.safeParse(marker && parseJson(marker));
  if (version.data?.imageLayoutVersion !== '1.0.0') {
    throw archiveInvalid('its oci-layout does not say version 1.0.0');
  }
  const parsed = indexSchema.safeParse(bytes && parseJson(bytes));
  if (!parsed.success) {
    throw archiveInvalid('its index.json is no image index');
  }
  const { manifests, ...rest } = parsed.data;
  return { entries: manifests ?? [], rest };
}

/** Writes `index.json`, whole or not at all. */
export async function writeLayoutIndex(
  directory: string,
  { entries, rest }: LayoutIndex,
): Promise<void> {
  const draft = join(directory, `.index-${randomUUID()}`);
  try {
    await writeFile(
      draft,
      JSON.stringify({
        schemaVersion: 2,
        mediaType: OCI_INDEX,
        ...rest,
        manifests: entries,
      }),
      { flag: 'wx' },
    );
    await rename(draft, join(directory, 'index.json'));
  } finally {
    await rm(draft, { force: true });
  }
}

/** The name under which a layout has an image. */
export function tagOf(entry: Descriptor): string | undefined {
  return entry.annotations?.[refName];
}

/** The same entry under another name, or under none. */
export function tagged(entry: Descriptor, tag: string | undefined): Descriptor {
  const { [refName]: _, ...annotations } = entry.annotations ?? {};
  return {
    ...entry,
    annotations: {
      ...annotations,
      ...(tag !== undefined && { [refName]: tag }),
    },
  };
}

import type { ModuleInspection } from '@wasi-functions/backstage-plugin-wasi-common';
import type { Blob } from '../blobs';
import type { InspectedFile } from '../readFileChunks';

/** The module and what is said of it. */
export interface FormatInput {
  inspection: Pick<ModuleInspection, 'kind' | 'imports' | 'exports'>;
  file: InspectedFile;
  /** Ends with `.wasm`; a plain file name. */
  fileName: string;
  annotations: Record<string, string>;
  /**
   * When it was created; for content that the tag holds already, when that was.
   *
   * @param content - Digest of the module as the format holds it: of the file, or
   * of the tar archive around it.
   */
  created(content: string): Promise<Date>;
  /** The module's bytes, checked against what was inspected. */
  content(): AsyncIterable<Uint8Array>;
  /** Folder for what has to be written before its digest is known. */
  scratch: string;
}

/** Blobs and the manifest that names them, byte for byte as they are pushed. */
export interface ComposedArtifact {
  /** The one that holds the module comes first. */
  blobs: Blob[];
  manifest: { bytes: Buffer; digest: string; mediaType: string };
}

/** One platform's entry of an index. */
export interface ComposedEntry extends ComposedArtifact {
  platform: { os: string; architecture: string };
  artifactType?: string;
}

/** How a format is written: as a manifest at the tag, or as entries of an index there. */
export type FormatWriter =
  | {
      kind: 'manifest';
      compose(input: FormatInput): Promise<ComposedArtifact>;
    }
  | {
      kind: 'index';
      /** Of an index that is new; one that is there keeps its own unless `only`. */
      mediaType: string;
      /** Nothing but an index of this type is what consumers take. */
      only: boolean;
      /** Entries that ours take the place of. */
      replaces(platform: { os: string; architecture: string }): boolean;
      compose(input: FormatInput): Promise<ComposedEntry[]>;
    };

/** A format that is written as entries of an index. */
export type IndexWriter = Extract<FormatWriter, { kind: 'index' }>;

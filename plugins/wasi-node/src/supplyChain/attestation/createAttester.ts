import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  WasiError,
  type ModuleInspection,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { ModuleRegistry } from '../../registry';
import type {
  Referrer,
  ReferrerContent,
  Referrers,
} from '../../registry/referrers';
import { imageSubject } from '../imageSubject';
import {
  composeProvenance,
  type Builder,
} from '../provenance/composeProvenance';
import { composeSbom, SBOM_MEDIA_TYPE } from '../sbom/composeSbom';
import { readPackages } from '../sbom/readPackages';
import { BUNDLE_MEDIA_TYPE, signStatement } from '../signing/bundle';
import type { SigningKey } from '../signing/keys';
import {
  composeStatement,
  PREDICATES,
  STATEMENT_MEDIA_TYPE,
  type Statement,
} from '../signing/statement';
import { findStatement } from './findStatement';

/**
 * What is to be said of an image that was just pushed.
 *
 * @public
 */
export interface AttestOptions {
  /** `host/repository@sha256:…` */
  image: string;
  /** Of the module that the image must hold. */
  inspection: ModuleInspection;
  /** Name and version of the function. */
  name: string;
  version?: string;
  runtime: string;
  /** Folder of the function, with its lock file. */
  directory: string;
  /** Digest of func.yaml. */
  funcYaml: string;
  /** URL of the source repository. */
  source?: string;
  /** Commit that was built. */
  revision?: string;
  /** Versions of the tools that built it, by name. */
  tools: Record<string, string>;
  /** Of the run that built it. */
  invocationId?: string;
  signal?: AbortSignal;
}

/**
 * What was attached to an image, by the digests of the manifests.
 *
 * @public
 */
export interface Attestation {
  sbom: {
    digest: string;
    packages: number;
    /** The lock file that was read. */
    file?: string;
  };
  provenance: string;
  /** Absent without a signing key. */
  signature?: string;
  /** How many of them are new. */
  attached: number;
}

/**
 * Says where images come from and what is in them, beside the images.
 *
 * @public
 */
export interface Attester {
  /** Whether a key signs what is said. */
  readonly signs: boolean;
  /** Attaches SBOM and provenance, signed and with a signature where there is a key; again is nothing new. */
  attest(options: AttestOptions): Promise<Attestation>;
}

/** Composed, and attached already or not. */
interface Part {
  content: ReferrerContent;
  statement?: Statement;
}

/**
 * Creates what makes SBOM, provenance and signature.
 *
 * @public
 */
export function createAttester(options: {
  registry: Pick<ModuleRegistry, 'describe' | 'pull'>;
  referrers: Referrers;
  builder: Builder;
  signing?: SigningKey;
  now: () => Date;
}): Attester {
  const { registry, referrers, builder, signing, now } = options;

  function toStatementPart(statement: Statement): Part {
    return {
      statement,
      content: signing
        ? {
            artifactType: BUNDLE_MEDIA_TYPE,
            bytes: signStatement(statement, signing),
            annotations: {
              'dev.sigstore.bundle.content': 'dsse-envelope',
              'dev.sigstore.bundle.predicateType': statement.predicateType,
              'org.opencontainers.image.created': now().toISOString(),
            },
          }
        : {
            artifactType: STATEMENT_MEDIA_TYPE,
            bytes: Buffer.from(JSON.stringify(statement)),
            annotations: {
              'in-toto.io/predicate-type': statement.predicateType,
            },
          },
    };
  }

  return {
    signs: signing !== undefined,

    async attest(attest) {
      const { image, inspection, signal } = attest;
      const subject = imageSubject(image);
      const { packages, file } = await readPackages(
        attest.directory,
        attest.runtime,
      );
      const [{ referrers: attached }] = await Promise.all([
        referrers.list(image, { signal }),
        requireModule(registry, { image, inspection, signal }),
      ]);
      const sbom = composeSbom({ ...attest, image: subject }, packages);
      const parts: Part[] = [
        {
          content: {
            artifactType: SBOM_MEDIA_TYPE,
            bytes: sbom,
            title: `${attest.name}.cdx.json`,
          },
        },
        toStatementPart(
          composeProvenance(subject, {
            ...attest,
            builder,
            module: inspection.digest,
          }),
        ),
      ];
      if (signing) {
        parts.push(
          toStatementPart(
            composeStatement(subject, PREDICATES.signature, undefined),
          ),
          toStatementPart(
            composeStatement(
              subject,
              PREDICATES.sbom,
              JSON.parse(sbom.toString()),
            ),
          ),
        );
      }
      const known = await Promise.all(
        parts.map(
          ({ content, statement }) =>
            statement &&
            findStatement({
              referrers,
              image,
              candidates: attached.filter(row => isLike(row, content)),
              statement,
              signing,
              signal,
            }),
        ),
      );
      const fresh = await referrers.attach(
        image,
        parts.filter((_, index) => !known[index]).map(({ content }) => content),
        { signal },
      );
      const digests = known.map(digest => digest ?? fresh.digests.shift()!);
      return {
        sbom: {
          digest: digests[0],
          packages: packages.filter(entry => !entry.development).length,
          ...(file && { file }),
        },
        provenance: digests[1],
        ...(signing && { signature: digests[2] }),
        attached: fresh.attached,
      };
    },
  };
}

// A statement about an image that holds another module would be a lie with a signature.
async function requireModule(
  registry: Pick<ModuleRegistry, 'describe' | 'pull'>,
  options: {
    image: string;
    inspection: ModuleInspection;
    signal?: AbortSignal;
  },
): Promise<void> {
  const { image, inspection, signal } = options;
  const { layers } = await registry.describe(image, { signal });
  if (layers.some(({ digest }) => digest === inspection.digest)) {
    return;
  }
  // Some formats have the module inside of a layer.
  const directory = await mkdtemp(join(tmpdir(), 'wasi-attest-'));
  try {
    const { digest } = await registry.pull(
      image,
      join(directory, 'module.wasm'),
      { maxBytes: inspection.size + 1024 * 1024, signal },
    );
    if (digest !== inspection.digest) {
      throw new WasiError('ATTESTATION_MISMATCH', {
        message: `${image} holds the module ${digest}, and ${inspection.digest} was to be attested`,
      });
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function isLike(row: Referrer, content: ReferrerContent): boolean {
  const kinds = [
    'dev.sigstore.bundle.predicateType',
    'in-toto.io/predicate-type',
  ];
  return (
    row.artifactType === content.artifactType &&
    kinds.every(kind => row.annotations[kind] === content.annotations?.[kind])
  );
}

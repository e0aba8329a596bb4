import {
  isWasiError,
  preflight,
  WasiError,
  type Finding,
  type NamespaceQuota,
  type PreflightFacts,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { ArtifactManifest } from '../registry';
import type { ModulePreflight, PreflightSubject, PublicImages } from './types';

// Somebody waits for the answer.
const PATIENCE_MS = 15_000;
const path = 'spec.image';

/**
 * Judges modules by what the registry and the cluster say of them; the same
 * for whoever writes one.
 *
 * @public
 */
export function createModulePreflight(options: {
  images: PublicImages;
  /** How long is waited for a registry or a cluster. Default: 15 seconds. */
  patienceMs?: number;
}): ModulePreflight {
  const { images, patienceMs = PATIENCE_MS } = options;
  return {
    async check(subject) {
      const { module, exists, signal } = subject;
      const reading = {
        ...subject,
        signal: AbortSignal.any([
          AbortSignal.timeout(patienceMs),
          ...(signal ? [signal] : []),
        ]),
      };
      const [image, quotas, foreignService] = await Promise.all([
        subject.withImage === false
          ? { facts: {}, findings: [] }
          : readImage(images, reading),
        readQuotas(reading),
        readForeignService(reading),
      ]);
      signal?.throwIfAborted();
      return [
        ...image.findings,
        ...preflight(module, {
          ...image.facts,
          quotas,
          exists,
          foreignService,
        }),
      ];
    },
  };
}

interface ImageFacts {
  facts: PreflightFacts;
  /** Besides what is judged by the facts. */
  findings: Finding[];
}

async function readImage(
  images: PublicImages,
  subject: PreflightSubject & { signal: AbortSignal },
): Promise<ImageFacts> {
  const { module, inspection, signal } = subject;
  const { image } = module.spec;
  let manifest: ArtifactManifest;
  try {
    manifest = await images.describe(image, { signal });
  } catch (error) {
    const reason = toReason(error, signal);
    switch (reason.code) {
      case 'IMAGE_NOT_ANONYMOUS':
        return { facts: { inspection, anonymousPull: false }, findings: [] };
      case 'IMAGE_REFERENCE_INVALID':
        // A check of the module itself says so.
        return { facts: { inspection }, findings: [] };
      case 'REGISTRY_NOT_FOUND':
        return { facts: { inspection }, findings: [wrong(reason)] };
      default:
        return { facts: { inspection }, findings: [unknown(reason, image)] };
    }
  }
  const facts = imageFactsOf(manifest);
  if (isRefused(module, facts)) {
    return { facts, findings: [] };
  }
  try {
    return {
      facts: {
        ...facts,
        inspection:
          inspection?.digest === manifest.layers[0].digest
            ? inspection
            : await images.inspect(manifest.image, { signal }),
      },
      findings: [],
    };
  } catch (error) {
    const reason = toReason(error, signal);
    return {
      facts,
      findings: [
        reason.code.startsWith('MODULE_')
          ? wrong(reason)
          : unknown(reason, image),
      ],
    };
  }
}

/**
 * What the manifest of a public image says, for `preflight`.
 *
 * @public
 */
export function imageFactsOf(manifest: ArtifactManifest): PreflightFacts {
  return {
    anonymousPull: true,
    layout: {
      mediaType: manifest.mediaType,
      layerMediaTypes: manifest.layers.map(({ mediaType }) => mediaType),
      index: manifest.index,
    },
  };
}

/** What the runner does not pull need not be looked into. */
function isRefused(module: WasmModule, facts: PreflightFacts): boolean {
  return preflight(module, facts).some(
    finding => finding.path === path && finding.severity === 'error',
  );
}

async function readQuotas(
  subject: PreflightSubject,
): Promise<NamespaceQuota[] | undefined> {
  const { client, module, signal } = subject;
  try {
    return await client.quotas(module.metadata.namespace ?? 'default', {
      signal,
    });
  } catch {
    // Not everybody may read them, and the write finds out what else is wrong.
    return undefined;
  }
}

async function readForeignService({
  client,
  module: { metadata },
  exists,
  signal,
}: PreflightSubject): Promise<boolean | undefined> {
  if (exists) {
    return undefined;
  }
  const { name, namespace = 'default' } = metadata;
  try {
    return await client.hasForeignService({ name, namespace }, { signal });
  } catch {
    // As with quotas; a cluster without Knative has none either.
    return undefined;
  }
}

type Reason = Pick<Finding, 'code' | 'message' | 'remedy'>;

function toReason(error: unknown, signal: AbortSignal): Reason {
  if (signal.aborted) {
    return new WasiError('REGISTRY_UNREACHABLE', {
      message: 'The registry has not answered in time.',
    });
  }
  if (isWasiError(error)) {
    return error;
  }
  throw error;
}

function wrong({ code, message, remedy }: Reason): Finding {
  return { code, severity: 'error', message, remedy, path };
}

function unknown({ code, message, remedy }: Reason, image: string): Finding {
  return {
    code,
    severity: 'warning',
    message: `${image} was not looked into: ${message}`,
    remedy,
    path,
  };
}

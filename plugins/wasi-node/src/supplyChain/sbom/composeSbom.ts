// By part: the whole library takes three times as long to load.
import * as Enums from '@cyclonedx/cyclonedx-library/Enums';
import * as Models from '@cyclonedx/cyclonedx-library/Models';
import * as Serialize from '@cyclonedx/cyclonedx-library/Serialize';
import * as Spec from '@cyclonedx/cyclonedx-library/Spec';
import type { ModuleInspection } from '@wasi-functions/backstage-plugin-wasi-common';
import { PackageURL } from 'packageurl-js';
import type { StatementSubject } from '../signing/statement';
import type { LockedPackage } from './types';

export const SBOM_MEDIA_TYPE = 'application/vnd.cyclonedx+json';

/** Which module an SBOM describes. */
export interface DescribedModule {
  name: string;
  version?: string;
  runtime: string;
  inspection: Pick<ModuleInspection, 'digest' | 'producers'>;
  image: StatementSubject;
}

/**
 * Composes the SBOM of a module, in CycloneDX.
 *
 * The same module and packages become the same bytes: it has no serial number and
 * no time.
 */
export function composeSbom(
  module: DescribedModule,
  packages: readonly LockedPackage[],
): Buffer {
  const bom = new Models.Bom();
  const main = describeModule(module);
  bom.metadata.component = main;
  const components = new Map(
    packages.map(describePackage).map(one => [one.bomRef.value, one]),
  );
  for (const component of components.values()) {
    bom.components.add(component);
    main.dependencies.add(component.bomRef);
  }
  const serializer = new Serialize.JsonSerializer(
    new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6),
  );
  return Buffer.from(serializer.serialize(bom, { sortLists: true, space: 1 }));
}

function describeModule(module: DescribedModule) {
  const { Component, Property } = Models;
  const { name, version, runtime, inspection, image } = module;
  const component = new Component(Enums.ComponentType.Application, name, {
    bomRef: 'module',
    version,
    purl: new PackageURL(
      'oci',
      undefined,
      image.repository.slice(image.repository.lastIndexOf('/') + 1),
      image.digest,
      { repository_url: image.repository },
      undefined,
    ).toString(),
  });
  component.hashes.set(
    Enums.HashAlgorithm['SHA-256'],
    inspection.digest.replace('sha256:', ''),
  );
  component.properties.add(new Property('wasi-functions:runtime', runtime));
  for (const {
    field,
    name: tool,
    version: toolVersion,
  } of inspection.producers) {
    component.properties.add(
      new Property(
        `wasm:producers:${field}`,
        [tool, toolVersion].filter(Boolean).join(' '),
      ),
    );
  }
  return component;
}

function describePackage(entry: LockedPackage) {
  const { namespace, name, version, hash, development } = entry;
  const purl = purlOf(entry);
  const component = new Models.Component(Enums.ComponentType.Library, name, {
    bomRef: purl ?? JSON.stringify([namespace, name, version]),
    group: namespace,
    version,
    purl,
    scope: development
      ? Enums.ComponentScope.Excluded
      : Enums.ComponentScope.Required,
  });
  if (hash) {
    component.hashes.set(Enums.HashAlgorithm[hash.algorithm], hash.hex);
  }
  return component;
}

function purlOf(entry: LockedPackage): string | undefined {
  const { type, namespace, name, version } = entry;
  try {
    return new PackageURL(
      type,
      namespace,
      name,
      version,
      undefined,
      undefined,
    ).toString();
  } catch {
    // A name that no registry would take; it is listed by that name alone.
    return undefined;
  }
}

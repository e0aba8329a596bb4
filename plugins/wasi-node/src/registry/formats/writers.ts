import type { ArtifactFormatName } from '@wasi-functions/backstage-plugin-wasi-common';
import { DOCKER_LIST, OCI_INDEX } from '../mediaTypes';
import { composeCompat } from './compat';
import { composeIstioCompat } from './istioCompat';
import { composeIstioOci } from './istioOci';
import { composeKpt } from './kpt';
import { composeKrustlet } from './krustlet';
import { composeMultiPlatform } from './multiPlatform';
import type { FormatWriter } from './types';
import { composeWasm } from './wasm';

/** How each format is written. */
export const formatWriters: Readonly<Record<ArtifactFormatName, FormatWriter>> =
  {
    wasm: { kind: 'manifest', compose: composeWasm },
    krustlet: { kind: 'manifest', compose: composeKrustlet },
    compat: { kind: 'manifest', compose: composeCompat },
    'istio-compat': { kind: 'manifest', compose: composeIstioCompat },
    'istio-oci': { kind: 'manifest', compose: composeIstioOci },
    kpt: {
      kind: 'index',
      mediaType: DOCKER_LIST,
      only: true,
      replaces: ({ os, architecture }) =>
        os === 'js' && architecture === 'wasm',
      compose: composeKpt,
    },
    index: {
      kind: 'index',
      mediaType: OCI_INDEX,
      only: false,
      replaces: ({ os, architecture }) =>
        os.startsWith('wasi') && architecture === 'wasm',
      compose: composeMultiPlatform,
    },
  };

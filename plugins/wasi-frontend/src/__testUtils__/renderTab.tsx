import type { Entity } from '@backstage/catalog-model';
import { mockApis, renderInTestApp } from '@backstage/frontend-test-utils';
import {
  googleAuthApiRef,
  type OAuthApi,
} from '@backstage/frontend-plugin-api';
import { EntityProvider } from '@backstage/plugin-catalog-react';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { permissionApiRef } from '@backstage/plugin-permission-react';
import { signalApiRef, type SignalApi } from '@backstage/plugin-signals-react';
import { wasiApiRef, type WasiApi } from '../apis';
import { EntityWasmModulesContent } from '../components/EntityWasmModulesContent';
import { createFunctionRouteRef } from '../routes';
import { LocalSignals } from './LocalSignals';

const entity: Entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: {
    name: 'hello',
    annotations: {
      'wasm.serving.knative.dev/module': 'hello',
      'backstage.io/source-location': 'url:https://git.example.com/f/hello/',
    },
  },
  spec: { type: 'wasm-function' },
};

/** The tab of the component `hello`; `denied` are permissions that the user does not have. */
export function renderTab(
  wasiApi: WasiApi,
  options: {
    denied?: string[];
    signals?: SignalApi;
    annotations?: Record<string, string>;
    googleAuth?: OAuthApi;
  } = {},
) {
  const permissions = mockApis.permission({
    authorize: ({ permission }) =>
      options.denied?.includes(permission.name)
        ? AuthorizeResult.DENY
        : AuthorizeResult.ALLOW,
  });
  const subject = {
    ...entity,
    metadata: {
      ...entity.metadata,
      // The permission hook caches by entity across tests, so a denied one has its own.
      ...(options.denied && { name: `without-${options.denied.join('-')}` }),
      annotations: { ...entity.metadata.annotations, ...options.annotations },
    },
  };
  return renderInTestApp(
    <EntityProvider entity={subject}>
      <EntityWasmModulesContent />
    </EntityProvider>,
    {
      mountedRoutes: { '/create': createFunctionRouteRef },
      apis: [
        [wasiApiRef, wasiApi],
        [permissionApiRef, permissions],
        [signalApiRef, options.signals ?? new LocalSignals()],
        ...(options.googleAuth
          ? [[googleAuthApiRef, options.googleAuth] as const]
          : []),
      ],
    },
  );
}

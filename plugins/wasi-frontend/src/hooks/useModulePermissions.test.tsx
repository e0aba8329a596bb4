import { mockApis, TestApiProvider } from '@backstage/frontend-test-utils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import {
  permissionApiRef,
  type PermissionApi,
} from '@backstage/plugin-permission-react';
import { renderHook, waitFor } from '@testing-library/react';
import type { ReactNode } from 'react';
import { useModulePermissions } from './useModulePermissions';

const permissionsOf = (entityRef: string, api: PermissionApi) =>
  renderHook(() => useModulePermissions(entityRef), {
    wrapper: ({ children }: { children: ReactNode }) => (
      <TestApiProvider apis={[[permissionApiRef, api]]}>
        {children}
      </TestApiProvider>
    ),
  }).result;

describe('what a user may do', () => {
  it.each([
    'wasi.module.update',
    'wasi.module.delete',
    'wasi.module.invoke',
    'wasi.module.logs',
  ])('does not include what %s denies, and all else', async denied => {
    const result = permissionsOf(
      `component:default/no-${denied}`,
      mockApis.permission({
        authorize: ({ permission }) =>
          permission.name === denied
            ? AuthorizeResult.DENY
            : AuthorizeResult.ALLOW,
      }),
    );
    await waitFor(() =>
      expect(result.current).toEqual({
        mayUpdate: denied !== 'wasi.module.update',
        mayDelete: denied !== 'wasi.module.delete',
        invoke: denied === 'wasi.module.invoke' ? 'no' : 'yes',
        logs: denied === 'wasi.module.logs' ? 'no' : 'yes',
      }),
    );
  });

  it('is nothing until the portal has answered, and not called denied', () => {
    const result = permissionsOf('component:default/waiting', {
      authorize: () => new Promise(() => {}),
    });
    expect(result.current).toEqual({
      mayUpdate: false,
      mayDelete: false,
      invoke: 'asking',
      logs: 'asking',
    });
  });

  it('is left to the backend where the portal cannot be asked', async () => {
    const result = permissionsOf('component:default/unreachable', {
      authorize: async () => {
        throw new Error('The connection failed.');
      },
    });
    await waitFor(() =>
      expect(result.current).toEqual({
        mayUpdate: true,
        mayDelete: true,
        invoke: 'yes',
        logs: 'yes',
      }),
    );
  });
});

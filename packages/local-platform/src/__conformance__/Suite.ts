import type { Feature } from './registryTarget';
import type { RegistryUnderTest } from './RegistryUnderTest';

/** One registry and what it can do. */
export interface Suite {
  registry(): RegistryUnderTest;
  itWith(feature: Feature): jest.It;
}

import { discoveryCases } from './discoveryCases';
import { managementCases } from './managementCases';
import { pullCases } from './pullCases';
import { pushCases } from './pushCases';
import { RegistryUnderTest } from './RegistryUnderTest';
import { registryTargets, type RunningTarget } from './registryTarget';
import type { Suite } from './Suite';

/**
 * A port of the cases of the OCI distribution project's conformance suite (its files
 * 01_pull to 04_management of version 1.1), in our own words: the suite is a Go program.
 *
 * https://github.com/opencontainers/distribution-spec/tree/v1.1.1/conformance
 */
jest.setTimeout(60_000);

registryTargets.forEach(target => {
  const describeTarget = target.available ? describe : describe.skip;

  describeTarget(`distribution specification 1.1: ${target.name}`, () => {
    let running: RunningTarget | undefined;
    let registry: RegistryUnderTest;
    const suite: Suite = {
      registry: () => registry,
      itWith: feature => (target.lacks.includes(feature) ? it.skip : it),
    };

    beforeAll(async () => {
      running = await target.start();
      registry = new RegistryUnderTest(running);
    }, 60_000);

    afterAll(async () => {
      await running?.close();
    });

    describe('pull', () => {
      pullCases(suite);
    });
    describe('push', () => {
      pushCases(suite);
    });
    describe('content discovery', () => {
      discoveryCases(suite);
    });
    describe('content management', () => {
      managementCases(suite);
    });
  });
});

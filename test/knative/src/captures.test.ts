import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { kubeApiserverAssets } from '@wasi-functions/local-platform/testing';
import { capture } from './capture';
import { lasting } from './facts';
import { KnativeCluster, knativeAssets } from './KnativeCluster';
import { scenarios, type Scenario } from './scenarios';
import { scenariosOfController } from './scenariosOfController';
import { scenariosOfDamage } from './scenariosOfDamage';
import { controllerSource } from './WasmController';

const CAPTURES = resolve(__dirname, '../captures');
const renew = process.env.WASI_CAPTURE === 'renew';

(kubeApiserverAssets && knativeAssets ? describe : describe.skip)(
  'Knative Serving (tools: KUBEBUILDER_ASSETS, KNATIVE_ASSETS) says of a module',
  () => {
    let cluster: KnativeCluster;

    beforeAll(async () => {
      cluster = await KnativeCluster.start();
    }, 300_000);
    afterAll(() => cluster?.close(), 60_000);

    const compare = async (scenario: Scenario) => {
      const path = resolve(CAPTURES, `${scenario.name}.json`);
      const seen = await capture(cluster, scenario);
      if (renew) {
        mkdirSync(CAPTURES, { recursive: true });
        writeFileSync(path, `${JSON.stringify(seen, null, 2)}\n`);
      }
      expect(lasting(seen)).toEqual(
        lasting(JSON.parse(readFileSync(path, 'utf8'))),
      );
    };

    it.each(scenarios)('what is captured: $name', compare, 90_000);

    (controllerSource ? it : it.skip).each([
      ...scenariosOfController,
      ...scenariosOfDamage,
    ])(
      'what is captured with knative-serving-wasm (KNATIVE_WASM_SOURCE): $name',
      compare,
      90_000,
    );
  },
);

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { kubeApiserverAssets } from '@wasi-functions/local-platform/testing';
import { capture } from './capture';
import { lasting } from './facts';
import { KnativeCluster, knativeAssets } from './KnativeCluster';
import { scenarios, type Scenario } from './scenarios';
import { scenariosOfController } from './scenariosOfController';
import { scenariosOfRefusal } from './scenariosOfRefusal';
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

    const compared = async (scenario: Scenario) => {
      const path = resolve(CAPTURES, `${scenario.name}.json`);
      const seen = await capture(cluster, scenario);
      if (renew) {
        mkdirSync(CAPTURES, { recursive: true });
        writeFileSync(path, `${JSON.stringify(seen, null, 2)}\n`);
      }
      const known = JSON.parse(readFileSync(path, 'utf8'));
      return { seen: lasting(seen), known: lasting(known) };
    };

    it.each(scenarios)(
      'what is captured: $name',
      async scenario => {
        const { seen, known } = await compared(scenario);
        expect(seen).toEqual(known);
      },
      90_000,
    );

    (controllerSource ? describe : describe.skip)(
      'that knative-serving-wasm deploys (KNATIVE_WASM_SOURCE)',
      () => {
        it.each([
          ...scenariosOfRefusal,
          ...scenariosOfController,
          ...scenariosOfDamage,
        ])(
          'what is captured: $name',
          async scenario => {
            const { seen, known } = await compared(scenario);
            expect(seen).toEqual(known);
          },
          90_000,
        );
      },
    );
  },
);

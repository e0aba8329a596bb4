import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { kubeApiserverAssets } from '@wasi-functions/local-platform/testing';
import { capture, lasting } from './capture';
import { KnativeCluster, knativeAssets } from './KnativeCluster';
import { scenarios } from './scenarios';

const CAPTURES = resolve(__dirname, '../captures');
const renew = process.env.WASI_CAPTURE === 'renew';

(kubeApiserverAssets && knativeAssets ? describe : describe.skip)(
  'Knative Serving (tools: KUBEBUILDER_ASSETS, KNATIVE_ASSETS) says of a module',
  () => {
    let cluster: KnativeCluster;

    beforeAll(async () => {
      cluster = await KnativeCluster.start();
    }, 120_000);
    afterAll(() => cluster?.close(), 60_000);

    it.each(scenarios)(
      'what is captured: $name',
      async scenario => {
        const path = resolve(CAPTURES, `${scenario.name}.json`);
        const seen = await capture(cluster, scenario);
        if (renew) {
          mkdirSync(CAPTURES, { recursive: true });
          writeFileSync(path, `${JSON.stringify(seen, null, 2)}\n`);
        }
        expect(lasting(seen)).toEqual(
          lasting(JSON.parse(readFileSync(path, 'utf8'))),
        );
      },
      90_000,
    );
  },
);

import { describeApply } from './claims/apply';
import { describeClientNode } from './claims/clientNode';
import { describeCreate } from './claims/create';
import { describeDelete } from './claims/delete';
import { describeDiscovery } from './claims/discovery';
import { describeList } from './claims/list';
import { describeOptions } from './claims/options';
import { describePatch } from './claims/patch';
import { describeUpdate } from './claims/update';
import { describeWatch } from './claims/watch';
import { Scene } from './Scene';
import { describeTargets } from './targets';

describeTargets('Kubernetes contract', start => {
  const scene = new Scene();
  beforeAll(() => scene.open(start), 120_000);
  afterAll(() => scene.close(), 60_000);
  beforeEach(() => scene.enter());

  describeDiscovery(scene);
  describeCreate(scene);
  describeUpdate(scene);
  describePatch(scene);
  describeApply(scene);
  describeList(scene);
  describeWatch(scene);
  describeDelete(scene);
  describeOptions(scene);
  describeClientNode(scene);
});

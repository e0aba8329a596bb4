import type { Answer } from '@wasi-functions/local-platform/testing';
import type { KnativeCluster } from './KnativeCluster';

const MERGE = 'application/merge-patch+json';
/** The one that all pods are on. */
export const NODE = 'node';
const LONG_AGO = '2026-01-01T00:00:00Z';
const INGRESSES = '/apis/networking.internal.knative.dev/v1alpha1';

const unbound = {
  podIP: undefined,
  phase: 'Pending',
  conditions: [
    {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message: '0/3 nodes are available: 3 Insufficient memory.',
    },
  ],
};

/** What a kubelet says of a pod: its status, without what follows from its spec. */
export type Kubelet = (pod: Answer) => object;

/** Plays what runs on nodes: kubelets, and an ingress that is always ready. */
export class Nodes {
  private readonly told = new Map<string, string>();
  private going = true;
  private failure: unknown;
  private readonly rounds: Promise<void>;

  constructor(
    private readonly cluster: KnativeCluster,
    private readonly namespace: string,
    private readonly kubelet: Kubelet,
  ) {
    this.rounds = this.go().catch(error => {
      this.failure = error;
    });
  }

  /** Throws what went wrong since the start. */
  check(): void {
    if (this.failure) {
      throw this.failure;
    }
  }

  async stop(): Promise<void> {
    this.going = false;
    await this.rounds;
  }

  private async go(): Promise<void> {
    while (this.going) {
      await this.bind();
      await this.tell(this.pods, (pod, index) => ({
        startTime: LONG_AGO,
        podIP: `192.0.2.${index + 10}`,
        ...this.kubelet(pod),
      }));
      await this.tell(
        `${INGRESSES}/namespaces/${this.namespace}/ingresses`,
        readyIngress,
      );
      await new Promise(done => setTimeout(done, 100));
    }
  }

  private get pods(): string {
    return `/api/v1/namespaces/${this.namespace}/pods`;
  }

  /** Gives each pod a node, unless its kubelet has it that none takes it. */
  private async bind(): Promise<void> {
    const { items } = await this.cluster.send('GET', this.pods);
    for (const pod of items) {
      if (!pod.spec.nodeName && this.kubelet(pod) !== unbound) {
        await this.cluster.send(
          'POST',
          `${this.pods}/${pod.metadata.name}/binding`,
          {
            apiVersion: 'v1',
            kind: 'Binding',
            metadata: { name: pod.metadata.name },
            target: { kind: 'Node', name: NODE },
          },
        );
      }
    }
  }

  private async tell(
    path: string,
    statusOf: (object: Answer, index: number) => object,
  ): Promise<void> {
    const { items } = await this.cluster.send('GET', path);
    for (const object of items.filter(
      ({ metadata }: Answer) => !metadata.deletionTimestamp,
    )) {
      const { uid, name, generation } = object.metadata;
      const status = JSON.stringify(statusOf(object, this.indexOf(uid)));
      const key = `${uid} ${generation ?? ''}`;
      if (this.told.get(key) !== status) {
        await this.cluster.send(
          'PATCH',
          `${path}/${name}/status`,
          `{"status":${status}}`,
          MERGE,
        );
        this.told.set(key, status);
      }
    }
    await this.remove(path, items);
  }

  /** A pod that is to end ends once its kubelet says so. */
  private async remove(path: string, objects: Answer[]): Promise<void> {
    for (const { metadata } of objects) {
      if (metadata.deletionTimestamp && path.endsWith('/pods')) {
        await this.cluster.send('DELETE', `${path}/${metadata.name}`, {
          gracePeriodSeconds: 0,
        });
      }
    }
  }

  private readonly uids: string[] = [];
  private indexOf(uid: string): number {
    if (!this.uids.includes(uid)) {
      this.uids.push(uid);
    }
    return this.uids.indexOf(uid);
  }
}

function readyIngress({ metadata }: Answer): object {
  const condition = (type: string) => ({
    type,
    status: 'True',
    lastTransitionTime: LONG_AGO,
  });
  const balancer = {
    ingress: [{ domainInternal: 'ingress.knative-serving.svc.cluster.local' }],
  };
  return {
    observedGeneration: metadata.generation,
    conditions: [
      condition('LoadBalancerReady'),
      condition('NetworkConfigured'),
      condition('Ready'),
    ],
    publicLoadBalancer: balancer,
    privateLoadBalancer: balancer,
  };
}

/** The containers run and answer. */
export const running: Kubelet = pod => ({
  phase: 'Running',
  conditions: ready('True'),
  containerStatuses: containers(pod, () => ({
    ready: true,
    started: true,
    state: { running: {} },
  })),
});

/** The image is being pulled, or something keeps it from that. */
export const waiting =
  (reason: string, message?: string): Kubelet =>
  pod => ({
    phase: 'Pending',
    conditions: ready('False'),
    containerStatuses: containers(pod, isModule => ({
      ready: !isModule,
      started: !isModule,
      state: isModule
        ? { waiting: { reason, ...(message && { message }) } }
        : { running: {} },
    })),
  });

/** The runner ended; it is started again later. */
export const ended =
  (last: { exitCode: number; reason: string; message?: string }): Kubelet =>
  pod => ({
    phase: 'Running',
    conditions: ready('False'),
    containerStatuses: containers(pod, isModule =>
      isModule
        ? {
            ready: false,
            started: false,
            restartCount: 2,
            state: { waiting: { reason: 'CrashLoopBackOff' } },
            lastState: { terminated: last },
          }
        : { ready: true, started: true, state: { running: {} } },
    ),
  });

/** No node takes the pod. */
export const unschedulable: Kubelet = () => unbound;

function ready(status: string): object[] {
  return ['Ready', 'ContainersReady'].map(type => ({ type, status }));
}

function containers(
  pod: Answer,
  stateOf: (isModule: boolean) => object,
): object[] {
  return pod.spec.containers.map(({ name, image }: Answer) => ({
    name,
    image,
    imageID: '',
    restartCount: 0,
    ...stateOf(name === 'user-container'),
  }));
}

import { readyModule } from '../../__fixtures__/modules';
import { compareVersions } from './compareVersions';

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;

function moduleOf(image: string) {
  const view = readyModule(0);
  return {
    ...view,
    module: { ...view.module, spec: { ...view.module.spec, image } },
  };
}

const summaryOf = (...images: string[]) =>
  compareVersions(images.map(moduleOf)).map(
    ({ name, versions, pinned, modules }) => ({
      name,
      versions,
      pinned,
      modules: modules.length,
    }),
  );

describe('compareVersions', () => {
  it('tells that one version runs, though it comes from two registries', () => {
    expect(
      summaryOf(
        `localhost:7450/functions/hello@${digest('a')}`,
        `ghcr.io/acme/hello@${digest('a')}`,
      ),
    ).toEqual([
      { name: 'hello', versions: ['aaaaaaaaaaaa'], pinned: true, modules: 2 },
    ]);
  });

  it('tells versions of one function apart', () => {
    expect(
      summaryOf(`r.io/hello@${digest('a')}`, `r.io/hello@${digest('b')}`),
    ).toEqual([
      {
        name: 'hello',
        versions: ['aaaaaaaaaaaa', 'bbbbbbbbbbbb'],
        pinned: true,
        modules: 2,
      },
    ]);
  });

  it('does not take one tag for one version', () => {
    expect(summaryOf('r.io/hello:1', 'r.io/hello:1')).toEqual([
      { name: 'hello', versions: ['1'], pinned: false, modules: 2 },
    ]);
  });

  it('compares no functions that have nothing to do with each other', () => {
    expect(summaryOf('r.io/hello:1', 'r.io/orders:1')).toEqual([]);
  });
});

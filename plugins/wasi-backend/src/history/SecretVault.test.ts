import { MASKED_VALUE } from '@wasi-functions/backstage-plugin-wasi-common';
import { pay } from './__testUtils__/HistoryUnderTest';
import { SecretVault } from './SecretVault';

const KEY = 'a key of at least thirty-two characters';
const OTHER = 'another key of at least thirty-two characters';
const original = pay({
  env: [
    { name: 'COLOUR', value: 'blue' },
    { name: 'TOKEN', value: 'hunter2' },
    { name: 'TOKEN', value: 'hunter3' },
  ],
});
const masked = pay({
  env: [
    { name: 'COLOUR', value: 'blue' },
    { name: 'TOKEN', value: MASKED_VALUE },
    { name: 'TOKEN', value: MASKED_VALUE },
  ],
});

describe('modules in the history', () => {
  it.each([
    { what: 'with a key', keys: [KEY], opens: original },
    { what: 'without a key', keys: [], opens: masked },
  ])('hold no secret in clear, $what', ({ keys, opens }) => {
    const vault = new SecretVault(keys);
    const sealed = vault.seal(original);

    expect(JSON.stringify(sealed)).not.toContain('hunter');
    expect(vault.open(sealed)).toEqual(opens);
  });

  it('come back by a key that was replaced, as long as it is listed', () => {
    const sealed = new SecretVault([KEY]).seal(original);

    expect(new SecretVault([OTHER, KEY]).open(sealed)).toEqual(original);
    expect(new SecretVault([OTHER]).open(sealed)).toEqual(masked);
  });

  it('do not take the secrets of another module', () => {
    const vault = new SecretVault([KEY]);
    const { secrets } = vault.seal(original);
    const { manifest } = vault.seal({
      ...original,
      metadata: { ...original.metadata, name: 'evil' },
    });

    expect(vault.open({ manifest, secrets })).toEqual({
      ...masked,
      metadata: { ...masked.metadata, name: 'evil' },
    });
  });

  it('hold nothing of what kubectl last applied', () => {
    const { manifest } = new SecretVault([]).seal({
      ...original,
      metadata: {
        ...original.metadata,
        annotations: {
          'kubectl.kubernetes.io/last-applied-configuration': 'hunter2',
        },
      },
    });

    expect(manifest).not.toContain('hunter2');
  });
});

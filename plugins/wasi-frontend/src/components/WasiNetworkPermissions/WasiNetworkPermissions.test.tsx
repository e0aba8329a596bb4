import { renderInTestApp } from '@backstage/frontend-test-utils';
import type { FieldExtensionComponentProps } from '@backstage/plugin-scaffolder-react';
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import type { NetworkFieldValue } from '../NetworkRules';
import { validateNetwork } from './validateNetwork';
import { WasiNetworkPermissions } from './WasiNetworkPermissions';

type Props = FieldExtensionComponentProps<NetworkFieldValue, {}>;

function renderField(options: {
  type: 'object' | 'array';
  value?: NetworkFieldValue;
}) {
  const values: (NetworkFieldValue | undefined)[] = [];
  function Form() {
    const [value, setValue] = useState(options.value);
    return (
      <WasiNetworkPermissions
        {...({
          schema: { title: 'Network', type: options.type },
          uiSchema: {},
          formData: value,
          onChange: (next: NetworkFieldValue | undefined) => {
            values.push(next);
            setValue(next);
          },
        } as unknown as Props)}
      />
    );
  }
  renderInTestApp(<Form />);
  return values;
}

const rule = (index: number) =>
  screen.findByRole('group', { name: `Rule ${index}` });
const add = async () =>
  userEvent.click(await screen.findByRole('button', { name: 'Add a rule' }));

describe('WasiNetworkPermissions', () => {
  it('tells the risk of a pattern while it is typed', async () => {
    const values = renderField({ type: 'object' });
    await add();
    const pattern = within(await rule(1)).getByRole('textbox', {
      name: 'Pattern',
    });
    await userEvent.type(pattern, 'db:5432');
    expect(await rule(1)).toHaveTextContent('Exact');
    expect(values.at(-1)).toEqual({ tcp: { connect: ['db:5432'] } });

    await userEvent.clear(pattern);
    await userEvent.type(pattern, '*:*');
    expect(await rule(1)).toHaveTextContent('Everything');
    expect(await rule(1)).toHaveTextContent(
      'Name the hosts and ports that the module needs.',
    );

    await userEvent.clear(pattern);
    await userEvent.type(pattern, 'nonsense');
    expect(await rule(1)).toHaveTextContent(
      'Write host:port, *:port, host:* or [v6]:port.',
    );
    expect(pattern).toBeInvalid();
  });

  it('keeps each rule under its protocol and direction', async () => {
    const values = renderField({
      type: 'object',
      value: { allowIpNameLookup: true, tcp: { connect: ['db:5432'] } },
    });
    await add();
    await userEvent.type(
      within(await rule(2)).getByRole('textbox'),
      '127.0.0.1:53',
    );
    await userEvent.click(
      within(await rule(2)).getByRole('button', { name: /Permission/ }),
    );
    await userEvent.click(
      await screen.findByRole('option', { name: 'Send over UDP' }),
    );
    expect(values.at(-1)).toEqual({
      allowIpNameLookup: true,
      tcp: { connect: ['db:5432'] },
      udp: { outgoing: ['127.0.0.1:53'] },
    });

    await userEvent.click(
      screen.getByRole('button', { name: 'Remove rule 1' }),
    );
    expect(values.at(-1)).toEqual({
      allowIpNameLookup: true,
      udp: { outgoing: ['127.0.0.1:53'] },
    });
  });

  it('leaves no permission behind when the last rule goes', async () => {
    const values = renderField({
      type: 'object',
      value: { tcp: { connect: ['db:5432'] } },
    });
    await userEvent.click(
      await screen.findByRole('button', { name: 'Remove rule 1' }),
    );
    expect(values).toEqual([undefined]);
    expect(
      screen.getByText('No rules: the function opens no sockets.'),
    ).toBeInTheDocument();
  });

  it('is a list of TCP connections where the template asks for a list', async () => {
    const values = renderField({ type: 'array', value: ['db:5432'] });
    await add();
    await userEvent.type(within(await rule(2)).getByRole('textbox'), 'c:1');
    expect(values.at(-1)).toEqual(['db:5432', 'c:1']);
    expect(
      screen.queryByRole('button', { name: /Permission/ }),
    ).not.toBeInTheDocument();
  });
});

describe('validateNetwork', () => {
  it('refuses rules that cannot be read, and lets broad ones pass', () => {
    const errors: string[] = [];
    validateNetwork(
      { tcp: { connect: ['*:*', 'nonsense'] }, udp: { bind: [''] } },
      { addError: (message: string) => errors.push(message) } as never,
      { apiHolder: { get: () => undefined }, formData: {}, schema: {} },
    );
    expect(errors).toEqual([
      expect.stringContaining('"nonsense"'),
      expect.any(String),
    ]);
  });
});

import { Flex } from '@backstage/ui';
import { useState } from 'react';
import { ErrorNotice } from '../src/components/ErrorNotice';
import { NetworkRules, type NetworkRow } from '../src/components/NetworkRules';
import { RuntimeChoice } from '../src/components/RuntimeChoice';
import { useBackendInfo } from '../src/hooks';

/** The template form fields outside of a form. */
export function FieldsDemo() {
  const { state, reload } = useBackendInfo();
  const [runtime, setRuntime] = useState<string>();
  const [rows, setRows] = useState<NetworkRow[]>([
    { place: 'tcp.connect', pattern: 'db.example.com:5432' },
    { place: 'udp.bind', pattern: '*:*' },
    { place: 'tcp.bind', pattern: 'not a pattern' },
  ]);
  if (state.phase === 'failed') {
    return <ErrorNotice error={state.error} onRetry={reload} />;
  }
  return (
    <Flex direction="column" gap="6">
      {state.phase === 'loaded' && (
        <RuntimeChoice
          label="Runtime"
          runtimes={state.value.runtimes}
          value={runtime}
          onChange={setRuntime}
          isRequired
        />
      )}
      <NetworkRules
        label="Network permissions"
        description="Which sockets the function may open."
        rows={rows}
        onChange={setRows}
      />
    </Flex>
  );
}

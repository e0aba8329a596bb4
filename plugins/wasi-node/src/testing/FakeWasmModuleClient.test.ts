import { FakeWasmModuleClient } from './FakeWasmModuleClient';
import { describeModuleClientContract } from './moduleClientContract';

describeModuleClientContract('the fake cluster', async () => {
  const client = new FakeWasmModuleClient('fake');
  return {
    client,
    setStatus: async (ref, status) => {
      client.setStatus(ref, status);
    },
    close: async () => {},
  };
});

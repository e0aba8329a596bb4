import type { Entity } from '@backstage/catalog-model';
import { appThemeApiRef, useApi } from '@backstage/frontend-plugin-api';
import { EntityProvider } from '@backstage/plugin-catalog-react';
import { Button, Container, Flex, Link } from '@backstage/ui';
import { useSearchParams } from 'react-router-dom';
import { EntityWasmModuleCard } from '../src/components/EntityWasmModuleCard';
import { EntityWasmModulesContent } from '../src/components/EntityWasmModulesContent';
import { FieldsDemo } from './FieldsDemo';
import { states } from './states';

const entity: Entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: {
    name: 'hello',
    annotations: {
      'wasm.serving.knative.dev/module': 'hello',
      'wasm.serving.knative.dev/auto-deploy': 'true',
    },
  },
  spec: { type: 'wasm-function', owner: 'guests', lifecycle: 'experimental' },
};

/** Every state of tab, card and fields, chosen by the address. */
export function StatesPage() {
  const [search] = useSearchParams();
  const themes = useApi(appThemeApiRef);
  const state = search.get('state') ?? 'full';
  const view = search.get('view') ?? 'tab';
  return (
    <Container>
      <Flex gap="3" style={{ flexWrap: 'wrap' }} py="3">
        {Object.keys(states).map(name => (
          <Link key={name} href={`/?state=${name}&view=${view}`}>
            {name}
          </Link>
        ))}
        {['tab', 'card', 'fields'].map(name => (
          <Link key={name} href={`/?state=${state}&view=${name}`}>
            {name}
          </Link>
        ))}
        {['light', 'dark'].map(id => (
          <Button
            key={id}
            size="small"
            variant="secondary"
            onPress={() => themes.setActiveThemeId(id)}
          >
            {id}
          </Button>
        ))}
      </Flex>
      <EntityProvider key={`${state} ${view}`} entity={entity}>
        {view === 'tab' && <EntityWasmModulesContent />}
        {view === 'card' && (
          <div style={{ maxWidth: 420 }}>
            <EntityWasmModuleCard />
          </div>
        )}
        {view === 'fields' && <FieldsDemo />}
      </EntityProvider>
    </Container>
  );
}

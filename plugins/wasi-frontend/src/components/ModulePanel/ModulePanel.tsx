import type { CompoundEntityRef } from '@backstage/catalog-model';
import type {
  ClusterIdentity,
  ModuleView,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { ReactNode } from 'react';
import { useArtifact, useInvoke, type ModulePermissions } from '../../hooks';
import { ModuleDetails } from '../ModuleDetails';
import type { ModuleAction } from '../ModuleDialogs';
import { ModuleLog } from '../ModuleLog';

/** One module with what is fetched for it alone: artifact, log and answers. */
export function ModulePanel(props: {
  entity: CompoundEntityRef;
  view: ModuleView;
  sourceUrl: string | undefined;
  permissions: ModulePermissions;
  identity: ClusterIdentity | undefined;
  deploys: ReactNode;
  now: number;
  onAction: (action: ModuleAction) => void;
}) {
  const { entity, view, permissions } = props;
  const artifact = useArtifact({
    entity,
    module: view.ref,
    image: view.module.spec.image,
  });
  const {
    state: answer,
    send,
    cancel,
  } = useInvoke({
    entity,
    module: view.ref,
  });

  return (
    <ModuleDetails
      view={view}
      sourceUrl={props.sourceUrl}
      permissions={permissions}
      identity={props.identity}
      deploys={props.deploys}
      log={
        <ModuleLog
          entity={entity}
          module={view.ref}
          permitted={permissions.logs}
          moment={`${view.health.state} ${view.module.metadata.generation} ${answer.phase}`}
        />
      }
      artifact={artifact.state}
      answer={answer}
      now={props.now}
      onReloadArtifact={artifact.reload}
      onSend={send}
      onCancel={cancel}
      onAction={props.onAction}
    />
  );
}

import type { CompoundEntityRef } from '@backstage/catalog-model';
import type { ModuleView } from '@wasi-functions/backstage-plugin-wasi-common';
import {
  useArtifact,
  useInvoke,
  useLogs,
  type ModulePermissions,
} from '../../hooks';
import { ModuleDetails } from '../ModuleDetails';

/** One module with what is fetched for it alone: artifact, log and answers. */
export function ModulePanel(props: {
  entity: CompoundEntityRef;
  view: ModuleView;
  permissions: ModulePermissions;
  now: number;
  onDelete: () => void;
}) {
  const { entity, view } = props;
  const artifact = useArtifact({
    entity,
    module: view.ref,
    image: view.module.spec.image,
  });
  const logs = useLogs({ entity, module: view.ref });
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
      permissions={props.permissions}
      artifact={artifact.state}
      logs={logs.state}
      answer={answer}
      now={props.now}
      onReloadArtifact={artifact.reload}
      onReloadLogs={logs.reload}
      onSend={send}
      onCancel={cancel}
      onDelete={props.onDelete}
    />
  );
}

import type { CompoundEntityRef } from '@backstage/catalog-model';
import type { ModuleView } from '@wasi-functions/backstage-plugin-wasi-common';
import { DeleteModuleDialog } from '../DeleteModuleDialog';
import { EditModule } from '../EditModuleDialog';
import { RedeployDialog } from '../RedeployDialog';

/** What a user may do with a module. */
export type ModuleAction = 'edit' | 'redeploy' | 'delete';

/** The dialog of what a user is about to do with a module. */
export function ModuleDialogs(props: {
  entity: CompoundEntityRef;
  action: ModuleAction;
  /** As it was when the user began. */
  view: ModuleView;
  onDone: () => void;
  onClose: () => void;
}) {
  const { action, ...shared } = props;
  switch (action) {
    case 'edit':
      return <EditModule {...shared} />;
    case 'redeploy':
      return <RedeployDialog {...shared} />;
    default:
      return <DeleteModuleDialog {...shared} />;
  }
}

export {
  wasiModuleCreatePermission,
  wasiModuleDeletePermission,
  wasiModuleInvokePermission,
  wasiModuleLogsPermission,
  wasiModuleReadPermission,
  wasiModuleUpdatePermission,
  wasiPermissions,
} from './permissions';

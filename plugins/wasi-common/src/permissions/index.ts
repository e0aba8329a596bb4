export {
  wasiModuleCreatePermission,
  wasiModuleDeletePermission,
  wasiModuleInvokePermission,
  wasiModuleReadPermission,
  wasiModuleUpdatePermission,
  wasiPermissions,
} from './permissions';

import { z } from 'zod';
import type { VersionedObjects } from '../persistence/VersionedObjects';
import {
  clusterRoleBindings,
  clusterRoles,
  roleBindings,
  roles,
} from '../resources/accessRules';
import {
  qualifiedName,
  type ResourceDefinition,
} from '../resources/ResourceDefinition';
import {
  ADMINISTRATOR_RULES,
  COMMON_RULES,
  grants,
  isKnown,
  refuse,
} from './authorize';
import type { PolicyRule, RequestUser, ResourceAccess } from './PolicyRule';

const MASTERS = 'system:masters';

const texts = z.array(z.string()).default([]);
const roleSchema = z.object({
  rules: z
    .array(
      z.object({
        verbs: texts,
        apiGroups: texts,
        resources: texts,
        resourceNames: z.array(z.string()).optional(),
      }),
    )
    .nullish(),
});
const bindingSchema = z.object({
  metadata: z.object({ namespace: z.string().optional() }),
  roleRef: z.object({ kind: z.string(), name: z.string() }),
  subjects: z
    .array(
      z.object({
        kind: z.string(),
        name: z.string(),
        namespace: z.string().optional(),
      }),
    )
    .nullish(),
});

type Binding = z.output<typeof bindingSchema>;

/** Judges requests by the rights of users and by the roles that are bound to them. */
export class Authorizer {
  constructor(private readonly objects: VersionedObjects) {}

  isAllowed(user: RequestUser, access: ResourceAccess): boolean {
    return this.rulesOf(user, access.namespace).some(rule =>
      grants(rule, access),
    );
  }

  /** @throws KubernetesStatusError 403 in Kubernetes' words. */
  requireAllowed(user: RequestUser, access: ResourceAccess): void {
    if (!this.isAllowed(user, access)) {
      throw refuse(user, access);
    }
  }

  /** What someone may do in a namespace; without one, in all of them. */
  rulesOf(user: RequestUser, namespace: string): PolicyRule[] {
    const bound = [
      ...this.bindings(clusterRoleBindings),
      ...(namespace ? this.bindings(roleBindings, namespace) : []),
    ].filter(binding => isBoundTo(binding, user));
    return [
      ...(isKnown(user) ? COMMON_RULES : []),
      ...(user.groups.includes(MASTERS) ? ADMINISTRATOR_RULES : []),
      ...user.rules,
      ...bound.flatMap(binding => this.role(binding)),
    ].filter(rule => !rule.namespaces || rule.namespaces.includes(namespace));
  }

  private bindings(
    definition: ResourceDefinition,
    namespace?: string,
  ): Binding[] {
    return this.objects
      .list(qualifiedName(definition), namespace)
      .map(object => bindingSchema.parse(object));
  }

  private role({ roleRef, metadata: { namespace } }: Binding): PolicyRule[] {
    const inNamespace = roleRef.kind === 'Role';
    const role = this.objects.get({
      resource: qualifiedName(inNamespace ? roles : clusterRoles),
      namespace: inNamespace ? namespace ?? '' : '',
      name: roleRef.name,
    });
    // A binding may name a role that is written later.
    return role ? roleSchema.parse(role).rules ?? [] : [];
  }
}

function isBoundTo({ subjects, metadata }: Binding, user: RequestUser) {
  return (subjects ?? []).some(({ kind, name, namespace }) => {
    switch (kind) {
      case 'User':
        return user.name === name;
      case 'Group':
        return user.groups.includes(name);
      case 'ServiceAccount':
        return (
          user.name ===
          `system:serviceaccount:${namespace ?? metadata.namespace}:${name}`
        );
      default:
        return false;
    }
  });
}

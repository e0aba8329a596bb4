import {
  Sidebar,
  SidebarDivider,
  SidebarItem,
  SidebarSpace,
} from '@backstage/core-components';
import { createFrontendModule } from '@backstage/frontend-plugin-api';
import { NavContentBlueprint } from '@backstage/plugin-app-react';

const navigation = NavContentBlueprint.make({
  params: {
    component: ({ navItems }) => {
      const nav = navItems.withComponent(item => (
        <SidebarItem icon={() => item.icon} to={item.href} text={item.title} />
      ));
      return (
        <Sidebar>
          {nav.take('page:catalog')}
          {nav.take('page:scaffolder')}
          <SidebarDivider />
          {nav.rest({ sortBy: 'title' })}
          <SidebarSpace />
          <SidebarDivider />
          {nav.take('page:user-settings')}
        </Sidebar>
      );
    },
  },
});

/** The side bar: catalog, create, what plugins add, and settings at the end. */
export const navigationModule = createFrontendModule({
  pluginId: 'app',
  extensions: [navigation],
});

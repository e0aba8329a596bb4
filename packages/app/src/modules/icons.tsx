import { createFrontendModule } from '@backstage/frontend-plugin-api';
import { IconBundleBlueprint } from '@backstage/plugin-app-react';
import { RiCodeLine, RiGlobalLine } from '@remixicon/react';

const linkIcons = IconBundleBlueprint.make({
  name: 'links',
  params: {
    icons: { code: <RiCodeLine />, web: <RiGlobalLine /> },
  },
});

/** The icons that links of templates ask for, beside those of Backstage. */
export const iconsModule = createFrontendModule({
  pluginId: 'app',
  extensions: [linkIcons],
});

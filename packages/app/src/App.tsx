import { createApp } from '@backstage/frontend-defaults';
import { homeModule } from './modules/home';
import { iconsModule } from './modules/icons';
import { navigationModule } from './modules/navigation';
import { signInModule } from './modules/signIn';

// The plugins come from the dependencies of this package: `app.packages: all`.
export default createApp({
  features: [homeModule, iconsModule, navigationModule, signInModule],
});
